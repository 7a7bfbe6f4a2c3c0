"""Three-valued answers to yes-or-no questions: yes, no, or what was missing to tell."""

from collections.abc import Iterable
from dataclasses import replace
from typing import TypeAlias

from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Known, Unknown, Why

Answer: TypeAlias = Known[bool] | Unknown


def unanswered(gap: Unknown) -> Unknown:
    """Return the gap as an answer.

    The branches of an undecided conditional are values of the thing that was asked about, not answers: they go.
    """
    return replace(gap, one_of=()) if gap.one_of else gap


def unsupported(at: Origin, detail: str) -> Unknown:
    """Return the answer to a question we cannot judge yet."""
    return Unknown(Why.UNSUPPORTED, at, detail)


def is_yes(answer: Answer) -> bool:
    """Say whether the answer is known to be yes."""
    match answer:
        case Known(flag, _):
            return flag
        case Unknown():
            return False


def is_no(answer: Answer) -> bool:
    """Say whether the answer is known to be no."""
    match answer:
        case Known(flag, _):
            return not flag
        case Unknown():
            return False


def negated(answer: Answer) -> Answer:
    """Turn yes into no and no into yes."""
    match answer:
        case Known(flag, at):
            return Known(not flag, at)
        case Unknown() as gap:
            return gap


def every(answers: Iterable[Answer], at: Origin) -> Answer:
    """Say whether all answers are yes: one no settles it, whatever is not known beside it."""
    gap: Unknown | None = None
    for answer in answers:
        match answer:
            case Known(flag, _):
                if not flag:
                    return answer
            case Unknown():
                gap = unanswered(answer) if gap is None else gap
    return Known(True, at) if gap is None else gap


def some(answers: Iterable[Answer], at: Origin) -> Answer:
    """Say whether at least one answer is yes: one yes settles it, whatever is not known beside it."""
    return negated(every((negated(answer) for answer in answers), at))
