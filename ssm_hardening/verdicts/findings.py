"""What an audit says: verdicts, and the rules and subjects they are about."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Unknown


class Severity(StrEnum):
    """How bad a failure is; `rank` orders them, the worst first."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    @property
    def rank(self) -> int:
        """0 for critical, 3 for low."""
        return list(Severity).index(self)


class Confidence(StrEnum):
    """Whether a rule rests on documented behaviour or on reports only."""

    CERTAIN = "certain"
    REPORTED = "reported"


class Question(StrEnum):
    """The three questions a report is grouped by, in this order."""

    CONTEXT = "context"
    AUDIT = "audit"
    ACCESS = "access"


class Requirement(StrEnum):
    """The four requirements a report ends with."""

    SECURE_ACCESS = "secure-access"
    ACCESS_CONTROL = "access-control"
    AUDITING = "auditing"
    CROSS_PLATFORM = "cross-platform"


@dataclass(frozen=True, slots=True)
class Related:
    """A second place that explains a verdict."""

    at: Origin
    note: str


@dataclass(frozen=True, slots=True)
class Passed:
    """The subject is as it should be; the message says what is."""

    at: Origin
    message: str
    related: tuple[Related, ...] = ()


@dataclass(frozen=True, slots=True)
class Failed:
    """The subject is not as it should be; `severity` overrides the rule's own, among those it declares.

    `headline` says what is wrong in a few words, where the rule's own headline is too general for this case. `follows`
    holds the places of everything that it follows from, where the rule names whose failures those are.
    """

    at: Origin
    message: str
    severity: Severity | None = field(default=None, kw_only=True)
    related: tuple[Related, ...] = field(default=(), kw_only=True)
    headline: str = field(default="", kw_only=True)
    follows: tuple[Origin, ...] = field(default=(), kw_only=True)


@dataclass(frozen=True, slots=True)
class Undecided:
    """It cannot be told; `gap` says what was missing, `hint` how to supply it."""

    at: Origin
    gap: Unknown
    message: str = ""
    related: tuple[Related, ...] = field(default=(), kw_only=True)


@dataclass(frozen=True, slots=True)
class NotApplicable:
    """The rule has nothing to say about this subject; the message says why.

    `gap` is set where the source itself never tells (code, of an account's history): nothing was judged then.
    """

    at: Origin
    message: str
    gap: Unknown | None = field(default=None, kw_only=True)


@dataclass(frozen=True, slots=True)
class Crashed:
    """The rule itself failed: a fault of ours, never a pass."""

    at: Origin
    message: str


Verdict: TypeAlias = Passed | Failed | Undecided | NotApplicable | Crashed


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleInfo:
    """What there is to say about a rule without running it.

    `severity` is the catalogue's (the `strict` one), `may` lists further severities a verdict may name. `remedy` names
    the module or edit that closes the gap; where it is None, `manual` says why the step is a person's. `title` says
    what should be, `headline` in a few words what is wrong where the rule fails. `follows` are the rules whose
    failures may be the cause of this one's.
    """

    id: str
    title: str
    severity: Severity
    question: Question
    requirement: Requirement
    also: tuple[Requirement, ...] = ()
    confidence: Confidence = Confidence.CERTAIN
    may: tuple[Severity, ...] = ()
    remedy: str | None = None
    manual: str | None = None
    explanation: str = ""
    headline: str = ""
    follows: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Waiver:
    """An accepted failure: the reason somebody gave, and until when (ISO date) where they said so."""

    reason: str
    at: Origin
    until: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One rule's verdict on one subject of one account; `origin` is the subject's own place (its whole block)."""

    rule: RuleInfo
    account: str
    root: str
    region: str
    subject: str
    declaration: str
    origin: Origin
    verdict: Verdict
    severity: Severity
    waiver: Waiver | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """All findings of a run under one standard, in a stable order."""

    standard: str
    sources: tuple[str, ...]
    findings: tuple[Finding, ...]
    rules: tuple[RuleInfo, ...]
