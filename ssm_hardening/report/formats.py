"""The formats of every report, by the word that `--format` takes. A renderer is loaded when it is used.

A new format is a file with a renderer, and a line here in the table of each report that it can tell. Every
command loads what stands here, so these are named tuples: to make a dataclass takes ten times as long.
"""

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Generic, NamedTuple, Protocol, TypeVar

if TYPE_CHECKING:
    from ssm_hardening.access.question import DecidedQuestion
    from ssm_hardening.access.view import AccessView
    from ssm_hardening.iam.powers import Power
    from ssm_hardening.judge.comparison import Comparison
    from ssm_hardening.model import Account
    from ssm_hardening.remediation.plan import RemediationPlan
    from ssm_hardening.report.diff import Diff
    from ssm_hardening.report.settings import SettingsReport
    from ssm_hardening.report.style import Style
    from ssm_hardening.verdicts.findings import Audit, RuleInfo, Severity
    from ssm_hardening.verdicts.standards import Standard

R = TypeVar("R")
R_contra = TypeVar("R_contra", contravariant=True)


class View(NamedTuple):
    """What the user wants a table to show of an audit; no other format, no count and no exit code depends on it.

    `severity` is the lowest that is listed. `given` is what the user named as sources and choice of rules, as it is
    typed on a command line; `taken` is what of it `generate` takes, where that is less.
    """

    full: bool = False
    verbose: bool = False
    undecided: bool = False
    severity: "Severity | None" = None
    summary: bool = False
    no_remediation: bool = False
    given: str = ""
    taken: str | None = None


class AuditReport(NamedTuple):
    """What is told of an audit; without a plan (`check`) nothing about the remediation.

    `accounts` are those that were read (of live ones is told what there is), `comparison` is how code and accounts
    compare, where both were read. `unread` says what could not be read, each with its place, and `not_read` what was
    not read and is no error. `access` finds out who reaches what, which takes a while: only a format that shows it
    asks.
    """

    audit: "Audit"
    plan: "RemediationPlan | None" = None
    notes: Sequence[str] = ()
    accounts: "tuple[Account, ...]" = ()
    comparison: "Comparison | None" = None
    unread: Sequence[str] = ()
    not_read: Sequence[str] = ()
    access: "Callable[[], Sequence[AccessView]]" = tuple
    view: View = View()

    @property
    def remarks(self) -> tuple[str, ...]:
        """The notes, those on what was not read among them."""
        return (*(f"not read: {each}" for each in self.not_read), *self.notes)


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

    What programs read leaves stderr to the notes. `mark` is a regular expression that matches the start of what it
    makes and of nothing else: by it, a file is known to be a report, which may be overwritten.
    """

    renderer: str
    for_people: bool = False
    mark: str = ""


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


HEADED = frozenset({"table", "github"})
"""Formats whose files begin with a heading of their own, since nothing else in them says that we wrote them."""

HEADING = "# ssm-harden report: "
_HEADED = rf"{HEADING}(table|github)\n"
_SARIF = r'\{\s*"\$schema"[^{]*"runs": \[\s*\{\s*"tool": \{\s*"driver": \{\s*"name": "ssm-harden"'
_MARKDOWN = r"## ssm-harden: (no (new )?failures|\d+ (critical|high|medium|low))(, \d+ [a-z]+)*\n"
_HTML = r'<!doctype html>\s*<html[^>]*>\s*<head>\s*<meta [^>]*>\s*<meta name="generator" content="ssm-harden">'


def _schema(name: str) -> str:
    return rf'\{{\s*"schema": "ssm-harden/{name}/\d+"'


AUDIT: Formats[AuditReport] = Formats(
    {
        "table": Format("screen:render_screen", for_people=True, mark=_HEADED),
        "json": Format("audit_json:render_audit_json", mark=_schema("audit")),
        "sarif": Format("sarif:render_sarif", mark=_SARIF),
        "junit": Format("junit:render_junit", mark=r'<\?xml [^>]*>\s*<testsuites name="ssm-harden"'),
        "github": Format("github:render_github", mark=_HEADED),
        "gitlab": Format("gitlab:render_gitlab", mark=r'\[\s*(\]\s*\Z|\{\s*"description": "[A-Z0-9]+-\d\d: )'),
        "markdown": Format("markdown:render_markdown", mark=_MARKDOWN),
        "csv": Format("findings_csv:render_csv", mark="rule,severity,verdict,account,region,root,file,"),
        "html": Format("html:render_html", mark=_HTML),
    }
)
CHECK: Formats[AuditReport] = Formats(
    {**AUDIT.by_word, "table": Format("lines:render_lines", for_people=True, mark=_HEADED)}
)
"""What a check of changed files prints: a line for each gap where `plan` prints pages."""

FACTS: "Formats[Sequence[Account]]" = Formats(
    {
        "table": Format("facts:render_facts", for_people=True, mark=_HEADED),
        "json": Format("facts:render_facts_json"),  # no mark: it may be a snapshot, which nobody can record again
    }
)
ACCESS: "Formats[Sequence[AccessView]]" = Formats(
    {
        "table": Format("access_table:render_access_screen", for_people=True, mark=_HEADED),
        "json": Format("access_json:render_access_json", mark=_schema("access")),
    }
)
ANSWER: "Formats[DecidedQuestion]" = Formats(
    {
        "table": Format("answer:render_answer", for_people=True, mark=_HEADED),
        "json": Format("answer:render_answer_json", mark=_schema("decision")),
    }
)
DIFF: "Formats[Diff]" = Formats(
    {
        "table": Format("diff:render_diff", for_people=True, mark=_HEADED),
        "json": Format("diff:render_diff_json", mark=_schema("diff")),
        "markdown": Format("diff:render_diff_markdown", mark=r"## ssm-harden diff: \d+ new, "),
    }
)
ACCESS_IN_FULL: "Formats[Sequence[AccessView]]" = Formats(
    {**ACCESS.by_word, "table": Format("access_table:render_access", for_people=True, mark=_HEADED)}
)
"""With the statements behind each answer."""

RULES: Formats[Catalogue] = Formats(
    {
        "table": Format("rules:render_rules", for_people=True, mark=_HEADED),
        "json": Format("rules:render_rules_json", mark=_schema("rules")),
    }
)
POWERS: "Formats[Sequence[Power]]" = Formats(
    {
        "table": Format("powers:render_powers", for_people=True, mark=_HEADED),
        "json": Format("powers:render_powers_json", mark=_schema("powers")),
    }
)
"""The same words as `RULES`: one command prints both."""

SETTINGS: "Formats[SettingsReport]" = Formats(
    {
        "table": Format("settings:render_settings", for_people=True, mark=_HEADED),
        "json": Format("settings:render_settings_json", mark=_schema("settings")),
    }
)

SUFFIXES: Mapping[str, str] = {
    ".sarif": "sarif",
    ".html": "html",
    ".json": "json",
    ".csv": "csv",
    ".md": "markdown",
    ".xml": "junit",
}
"""The format that the suffix of a file means, where `-o` names none."""
