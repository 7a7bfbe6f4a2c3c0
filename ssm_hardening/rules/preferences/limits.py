"""When sessions end: PREF-07 and PREF-08."""

from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Absent, Known, Unknown
from ssm_hardening.model import SessionDocument
from ssm_hardening.rules.kit.effective import preferences_in_force
from ssm_hardening.rules.registry import Context, rule
from ssm_hardening.verdicts.findings import Failed, Passed, Question, Requirement, Severity, Undecided, Verdict

_DEFAULT_IDLE_MINUTES = 20


@rule(
    id="PREF-07",
    title="Idle sessions end",
    severity=Severity.MEDIUM,
    over=preferences_in_force,
    question=Question.AUDIT,
    requirement=Requirement.AUDITING,
    remedy="session-preferences",
)
def pref_07(document: SessionDocument, context: Context) -> Verdict:
    """An unattended shell belongs to whoever comes by, under the name of the one who left it.

    AWS ends sessions after 20 idle minutes where nobody says otherwise; some bodies ask for 15 at most.

    It cannot tell where the value is not known.

    Reference: AWS Systems Manager User Guide, "Specify an idle session timeout value".
    """
    limit = context.thresholds.idle_minutes_max
    match document.idle_session_timeout:
        case Known(minutes, at, defaulted=defaulted):
            return _idle(at, minutes, limit, defaulted=defaulted)
        case Absent(at):
            return _idle(at, _DEFAULT_IDLE_MINUTES, limit, defaulted=True)
        case Unknown() as gap:
            return Undecided(document.origin, gap, f"whether idle sessions end within {limit} minutes cannot be told")


def _idle(at: Origin, minutes: int, limit: int, *, defaulted: bool) -> Verdict:
    text = f"sessions end after {minutes} idle minutes{' (the default of AWS)' if defaulted else ''}"
    if 1 <= minutes <= limit:
        return Passed(at, f"{text}; {limit} are allowed")
    return Failed(at, f"{text}; it must be 1 to {limit}")


@rule(
    id="PREF-08",
    title="Sessions have a maximum duration",
    severity=Severity.MEDIUM,
    over=preferences_in_force,
    question=Question.AUDIT,
    requirement=Requirement.AUDITING,
    remedy="session-preferences",
)
def pref_08(document: SessionDocument, context: Context) -> Verdict:
    """Without a maximum a session lasts as long as somebody types, even when the right to it has long ended.

    Rights are checked when a session starts, never again. Jobs that run longer belong elsewhere, or need a higher
    limit.

    It cannot tell where the value is not known.

    Reference: AWS Systems Manager User Guide, "Specify maximum session duration".
    """
    limit = context.thresholds.duration_minutes_max
    match document.max_session_duration:
        case Known(minutes, at):
            if 1 <= minutes <= limit:
                return Passed(at, f"sessions end after {minutes} minutes; {limit} are allowed")
            return Failed(at, f"sessions may last {minutes} minutes; it must be 1 to {limit}")
        case Absent(at):
            return Failed(at, f"sessions have no maximum duration; {limit} minutes are allowed")
        case Unknown() as gap:
            return Undecided(document.origin, gap, f"whether sessions end within {limit} minutes cannot be told")
