"""What came of the configurations, counted by the values of their axes."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum

from tests.constructed.judging import Judged, Outcome

_HEADS = ("configurations", "verdicts", "decided", "right", "undecided")
_SHOWN = 80


def table(name: str, axes: Mapping[str, type[StrEnum]], everything: Sequence[Judged]) -> Iterator[str]:
    """Yield the lines of a table with a row for each value, for each rule, and for all.

    `decided`: those verdicts that the construction decides. `undecided`: how many of these the product leaves so.
    """
    yield f"{name:55}" + "".join(f"{head:>16}" for head in _HEADS)
    yield _row("everything", everything)
    for axis, kind in axes.items():
        yield axis
        for value in kind:
            yield _row(f"  {value}", [each for each in everything if getattr(each.case, axis) is value])
    yield "rule"
    for rule in sorted({outcome.expected.rule for each in everything for outcome in each.outcomes}):
        yield _row(f"  {rule}", everything, rule)


def _row(name: str, some: Sequence[Judged], rule: str = "") -> str:
    about = [(each, [o for o in each.outcomes if rule in {"", o.expected.rule}]) for each in some]
    outcomes: list[Outcome] = [outcome for _, found in about for outcome in found]
    decided = [outcome for outcome in outcomes if outcome.expected.is_decided]
    right = sum(not outcome.wrong for outcome in outcomes)
    left = sum(outcome.is_left_undecided for outcome in decided)
    numbers = (sum(len(found) > 0 for _, found in about), len(outcomes), len(decided), right, left)
    return f"{name:55}" + "".join(f"{n:16,}" for n in numbers)


def complaints(everything: Iterable[tuple[int, Judged]], *, about: Callable[[Judged, Outcome], bool]) -> list[str]:
    """Return what is wrong of what is asked about: how often each kind of it occurs, and where the first ones are."""
    found = [
        (f"{outcome.expected.rule}: {outcome.wrong}", f"{number} ({outcome.expected.subject})")
        for number, each in everything
        for outcome in each.outcomes
        if outcome.wrong and about(each, outcome)
    ]
    counts = Counter(kind for kind, _ in found)
    return [
        f"{count} times {kind}, such as in {', '.join([where for other, where in found if other == kind][:3])}"
        for kind, count in counts.most_common(_SHOWN)
    ]
