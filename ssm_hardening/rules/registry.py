"""How a rule is written: one decorated function, `rule(subject, context) -> Verdict`."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from ssm_hardening.core.values import Inventory, Unknown
from ssm_hardening.model import Account
from ssm_hardening.verdicts.findings import Confidence, Question, Requirement, RuleInfo, Severity, Verdict
from ssm_hardening.verdicts.standards import Thresholds

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Context:
    """What a rule may look at in addition to its subject.

    `severities` are the standard's own, by rule: for a rule that finds what another one is about. `beside` are the
    pictures of the same AWS account's other Regions.
    """

    account: Account
    thresholds: Thresholds
    severities: Mapping[str, Severity] = field(default_factory=dict)
    beside: tuple[Account, ...] = ()
    _selected: dict[object, Inventory[Any]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def subjects(self, selector: "Selector[S]") -> "Inventory[S]":
        """Return what a selector finds in the account: rules that share it look for their subjects once."""
        if selector.select not in self._selected:
            self._selected[selector.select] = selector.select(self.account)
        return self._selected[selector.select]


def _no_doubt(_subject: object) -> None:
    return None


def _no_preface(_subject: object) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a verdict on a subject holds of which only a part was read; `gap` says what is missing.

    Nothing passes for a part: it is undecided where the subject `matters` to sessions, else not applicable. `unless` is
    what may still take back a failure, `mark` stands behind its headline. `milder`: it counts one severity lower.
    """

    gap: Unknown
    matters: bool = False
    unless: str = ""
    mark: str = ""
    milder: bool = False


@dataclass(frozen=True, slots=True)
class Selector(Generic[S]):
    """Which subjects a rule is about. `noun` (plural) is used where there are none.

    `doubt` says why a selected subject may not be one of them after all (an unknown name); what is then
    found about it stays undecided. `silence` says why this source never shows such subjects: the rule is then not
    applicable. `preface` is what messages about a subject begin with, `standing` is set where only a part of what
    decides on it was read. `inside` is set where evidence from inside nodes alone, without the account they are in,
    shows subjects; other rules are not applicable to it. `unread_code` is set where the subjects are the parts of the
    code that were not read: they belong to a root module as a whole, and what they leave open is said here, not by each
    rule. `everywhere` is set where subjects belong to the AWS account as a whole: it says in which of the Regions that
    are in use a subject is to be judged, and all that is found there makes one finding, whose Region is `global`.
    """

    noun: str
    select: Callable[[Account], Inventory[S]]
    doubt: Callable[[S], Unknown | None] = _no_doubt
    silence: Callable[[Account], Unknown | None] = _no_doubt
    preface: Callable[[S], str] = _no_preface
    standing: Callable[[S], Standing | None] = _no_doubt
    inside: bool = False
    unread_code: bool = False
    everywhere: Callable[[S, Account], bool] | None = None


@dataclass(frozen=True, slots=True)
class Rule(Generic[S]):
    """A rule: what there is to say about it, its subjects, and the function that checks one."""

    info: RuleInfo
    over: Selector[S]
    judge: Callable[[S, Context], Verdict]


_RECORDED = (Question.AUDIT, Requirement.AUDITING)
_FAMILIES: Mapping[str, tuple[Question, Requirement]] = {
    **dict.fromkeys(("PREF", "S3", "CW", "KMS", "ACCT", "REC", "PATH", "READ"), _RECORDED),
    **dict.fromkeys(("RUNAS", "ROLE"), (Question.CONTEXT, Requirement.ACCESS_CONTROL)),
    **dict.fromkeys(("OPER", "HOST"), (Question.ACCESS, Requirement.ACCESS_CONTROL)),
    "NET": (Question.ACCESS, Requirement.SECURE_ACCESS),
}
"""What most rules of a family answer, and the requirement they serve."""


def rule(  # noqa: PLR0913 - a rule has as much to say about itself as it has
    *,
    id: str,  # noqa: A002 - the field's own word
    title: str,
    headline: str = "",
    severity: Severity,
    over: Selector[S],
    question: Question | None = None,
    requirement: Requirement | None = None,
    also: tuple[Requirement, ...] = (),
    confidence: Confidence = Confidence.CERTAIN,
    may: tuple[Severity, ...] = (),
    remedy: str | None = None,
    manual: str | None = None,
    follows: tuple[str, ...] = (),
) -> Callable[[Callable[[S, Context], Verdict]], Rule[S]]:
    """Turn a function into a Rule; its docstring (why it matters) becomes the explanation.

    `title` says what should be, `headline` in a few words what is wrong where the rule fails. `question` and
    `requirement` are named where they are not those of the rule's family. Exactly one of `remedy` (a
    module's name) and `manual` (why it is a person's step) is given. A remedy may be accompanied by edits of existing
    code. `follows` are the rules whose failures may be the cause of this one's; each verdict says by places
    (`Failed.follows`) whether they are.
    """
    if (remedy is None) == (manual is None):
        raise ValueError(f"{id}: set either remedy or manual")

    if question is None or requirement is None:
        of_family = _FAMILIES[id.partition("-")[0]]
        question = of_family[0] if question is None else question
        requirement = of_family[1] if requirement is None else requirement

    def decorate(function: Callable[[S, Context], Verdict]) -> Rule[S]:
        info = RuleInfo(
            id=id, title=title, severity=severity, question=question, requirement=requirement, also=also,
            confidence=confidence, may=may, remedy=remedy, manual=manual, explanation=inspect.getdoc(function) or "",
            headline=headline, follows=follows,
        )  # fmt: skip
        return Rule(info, over, function)

    return decorate


AnyRule = Rule[Any]
