"""What the verifiers said, for people."""

from collections.abc import Sequence

from ssm_hardening.report.style import Style, Tone
from ssm_hardening.verification.runner import Check, CheckOutcome

_SHOWN = 40
_ROOM = 24
MARKS = {
    CheckOutcome.PASSED: ("✓", Tone.GREEN),
    CheckOutcome.FAILED: ("✗", Tone.RED),
    CheckOutcome.SKIPPED: ("-", Tone.YELLOW),
}


def render_checks(checks: Sequence[Check], *, style: Style) -> str:
    """Return one line for each check, its details below where it did not pass, and one line of counts."""
    lines = style.heading("Verification")
    for check in checks:
        lines += _check(check, style)
    counts = {outcome: sum(check.outcome is outcome for check in checks) for outcome in CheckOutcome}
    told = " · ".join(f"{counts[outcome]} {outcome.value}" for outcome in CheckOutcome)
    return style.finish([*lines, "", f"  {style.paint(told, Tone.DIM)}"]) + "\n"


def _check(check: Check, style: Style) -> list[str]:
    mark, tone = MARKS[check.outcome]
    room = max(_ROOM, len(check.name) + 5)
    first, *others = style.wrap(check.message, room) or [" " * room]
    head = f"  {style.paint(mark, tone)} {style.paint(check.name.ljust(room - 4), Tone.BOLD)}{first[room:]}"
    details = [] if check.outcome is CheckOutcome.PASSED else check.details
    shown = [
        line for detail in details[:_SHOWN] for text in detail.splitlines() for line in style.wrap(text, room, Tone.DIM)
    ]
    more = [f"{' ' * room}… and {len(details) - _SHOWN} more"] if len(details) > _SHOWN else []
    return [head, *others, *shown, *more]
