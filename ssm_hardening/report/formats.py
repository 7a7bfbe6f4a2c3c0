"""The formats of every report, by the word that `--format` takes. A renderer is loaded when it is used.

A new format is a file with a renderer, and a line here in the table of each report that it can tell. Every
command loads what stands here, so these are named tuples: to make a dataclass takes ten times as long.
"""

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Generic, NamedTuple, Protocol, TypeVar

if TYPE_CHECKING:
    from ssm_hardening.access.view import AccessView
    from ssm_hardening.judge.comparison import Comparison
    from ssm_hardening.model import Account
    from ssm_hardening.remediation.plan import RemediationPlan
    from ssm_hardening.report.style import Style
    from ssm_hardening.verdicts.findings import Audit, RuleInfo, Severity
    from ssm_hardening.verdicts.standards import Standard

R = TypeVar("R")
R_contra = TypeVar("R_contra", contravariant=True)


class View(NamedTuple):
    """What the user wants a table to show of an audit; no other format, no count and no exit code depends on it.

    `severity` is the lowest that is listed. `given` is what the user named as sources and choice of rules, as it is
    typed on a command line.
    """

    full: bool = False
    verbose: bool = False
    undecided: bool = False
    severity: "Severity | None" = None
    summary: bool = False
    no_remediation: bool = False
    given: str = ""


class AuditReport(NamedTuple):
    """What is told of an audit; without a plan (`check`) nothing about the remediation.

    `accounts` are those that were read (of live ones is told what there is), `comparison` is how code and accounts
    compare, where both were read. `unread` says what could not be read, each with its place.
    """

    audit: "Audit"
    plan: "RemediationPlan | None" = None
    notes: Sequence[str] = ()
    accounts: "tuple[Account, ...]" = ()
    comparison: "Comparison | None" = None
    unread: Sequence[str] = ()
    view: View = View()


class Catalogue(NamedTuple):
    """The rules that there are, and the standard that says how severe they are."""

    rules: "Sequence[RuleInfo]"
    standard: "Standard"


class Renderer(Protocol[R_contra]):
    """Makes the text of a report; it prints nothing."""

    def __call__(self, report: R_contra, style: "Style", /) -> str:
        """Return the text. `style` is what the reader's terminal can show; formats for programs ignore it."""


class Format(NamedTuple):
    """Where a renderer stands, `module:function` below this package, and whether people read what it makes.

    What programs read leaves stderr to the notes.
    """

    renderer: str
    for_people: bool = False


class Formats(Generic[R]):
    """The formats of one kind of report; the first is the one that is meant where none is named."""

    def __init__(self, by_word: Mapping[str, Format]) -> None:
        self.by_word = by_word

    @property
    def words(self) -> tuple[str, ...]:
        """What `--format` takes."""
        return tuple(self.by_word)

    def renderer(self, word: str) -> Renderer[R]:
        """Return what makes the text. Raises KeyError for a word that is none of them."""
        module, _, function = self.by_word[word].renderer.partition(":")
        found: Renderer[R] = getattr(import_module(f"ssm_hardening.report.{module}"), function)
        return found


AUDIT: Formats[AuditReport] = Formats(
    {
        "table": Format("screen:render_screen", for_people=True),
        "json": Format("audit_json:render_audit_json"),
        "sarif": Format("sarif:render_sarif"),
        "junit": Format("junit:render_junit"),
        "github": Format("github:render_github"),
        "gitlab": Format("gitlab:render_gitlab"),
        "markdown": Format("markdown:render_markdown"),
        "csv": Format("findings_csv:render_csv"),
    }
)
CHECK: Formats[AuditReport] = Formats({**AUDIT.by_word, "table": Format("lines:render_lines", for_people=True)})
"""What a check of changed files prints: a line for each gap where `plan` prints pages."""

FACTS: "Formats[Sequence[Account]]" = Formats(
    {
        "table": Format("facts:render_facts", for_people=True),
        "json": Format("facts:render_facts_json"),
    }
)
ACCESS: "Formats[Sequence[AccessView]]" = Formats(
    {
        "table": Format("access_table:render_access", for_people=True),
        "json": Format("access_json:render_access_json"),
    }
)
RULES: Formats[Catalogue] = Formats(
    {
        "table": Format("rules:render_rules", for_people=True),
        "json": Format("rules:render_rules_json"),
    }
)
