"""What an audit says: verdicts, and the rules and subjects they are about."""

from collections.abc import Collection
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import TypeAlias

from ssm_hardening.core.errors import did_you_mean
from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Unknown
from ssm_hardening.iam.requests import Asked, Counterexample


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

    @property
    def milder(self) -> "Severity":
        """The next severity below; low where there is none."""
        return list(Severity)[min(self.rank + 1, Severity.LOW.rank)]


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
    """The subject is as it should be; the message says what is.

    `asked` says what was asked of policies, where the verdict rests on what they allow.
    """

    at: Origin
    message: str
    related: tuple[Related, ...] = ()
    asked: Asked | None = field(default=None, kw_only=True)


@dataclass(frozen=True, slots=True)
class Failed:
    """The subject is not as it should be; `severity` overrides the rule's own, among those it declares.

    `headline` says what is wrong in a few words, where the rule's own headline is too general for this case. `follows`
    holds the places of everything that it follows from, where the rule names whose failures those are. `example` is a
    request that policies allow and should not, where the verdict rests on that.
    """

    at: Origin
    message: str
    severity: Severity | None = field(default=None, kw_only=True)
    related: tuple[Related, ...] = field(default=(), kw_only=True)
    headline: str = field(default="", kw_only=True)
    follows: tuple[Origin, ...] = field(default=(), kw_only=True)
    example: Counterexample | None = field(default=None, kw_only=True)


@dataclass(frozen=True, slots=True)
class Undecided:
    """The answer is unknown; `gap` says what was missing."""

    at: Origin
    gap: Unknown
    message: str = ""
    related: tuple[Related, ...] = field(default=(), kw_only=True)


@dataclass(frozen=True, slots=True)
class NotApplicable:
    """The rule has nothing to say about this subject; the message says why.

    `gap` is set where the source itself never shows it (code, an account's history): nothing was evaluated then.
    """

    at: Origin
    message: str
    gap: Unknown | None = field(default=None, kw_only=True)


@dataclass(frozen=True, slots=True)
class Crashed:
    """The rule itself failed: an internal error, never a pass."""

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


class WaiverKind(StrEnum):
    """Where a waiver is written: in a comment beside the code, or in a file of waivers."""

    COMMENT = "comment"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class Waiver:
    """An accepted failure: the reason somebody gave, and until when (ISO date) where they said so."""

    reason: str
    at: Origin
    until: str | None = None
    kind: WaiverKind = field(default=WaiverKind.COMMENT, kw_only=True)


class Since(StrEnum):
    """Whether the baseline that was named holds a finding already."""

    KNOWN = "known"
    NEW = "new"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One rule's verdict on one subject of one account; `origin` is the subject's own place (its whole block).

    `region` is `global` where the subject belongs to the AWS account as a whole. Then `regions` are the Regions whose
    pictures hold it, the one in which the verdict was found first (`root` is that picture's), and `holds_in` are those
    in which it was found. `since` is set where a baseline was named, on what failed, crashed or is undecided, and is
    not waived.
    """

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
    since: Since | None = None
    regions: tuple[str, ...] = ()
    holds_in: tuple[str, ...] = ()

    @property
    def counts(self) -> bool:
        """Whether the exit code depends on it: nobody waived it, and it is not known in the baseline."""
        return self.waiver is None and self.since is not Since.KNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """All findings of a run under one standard, in a stable order."""

    standard: str
    sources: tuple[str, ...]
    findings: tuple[Finding, ...]
    rules: tuple[RuleInfo, ...]


def matching(word: str, known: Collection[str]) -> tuple[str, ...]:
    """Return the ids among those known that a word names: an id, or a pattern such as `S3-*`, in any case."""
    pattern = word.strip().upper()
    return tuple(each for each in known if fnmatchcase(each, pattern))


def nearest(word: str, known: Collection[str], *, otherwise: str) -> str:
    """Return what was probably meant by a word that matches no rule."""
    family = f"{word.strip().upper().rstrip('*-')}-"
    if any(each.startswith(family) for each in known):
        return f"did you mean {family}*?"
    families = dict.fromkeys(f"{each.partition('-')[0]}-*" for each in known)
    return did_you_mean(word.strip(), tuple(families) if "*" in word else known, otherwise=otherwise)
