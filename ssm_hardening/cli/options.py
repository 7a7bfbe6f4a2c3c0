"""The options that several commands share, described once for both command lines (Typer's and argparse's)."""

import functools
import inspect
import os
import shlex
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, TypeAlias, get_args, get_origin

from ssm_hardening.core.errors import ExitCode, UsageError
from ssm_hardening.report.formats import View
from ssm_hardening.verdicts.findings import Severity

Run: TypeAlias = Callable[..., ExitCode | None]
"""A command: its signature says what it takes, its docstring what it does. It returns its exit code; None is 0."""


class Option:
    """What is said of an option, or of an argument where it has no flags. `bounds` are the least and the greatest.

    `names`: it takes names of `rules` or `standards`, which are completed. `kept`: a configuration file and an
    environment variable may set it; a file may be somebody else's, so nothing that chooses programs, credentials or
    places to write to is kept, and `refusal` says why. `only_with`: a setting counts only where that option is given.
    `otherwise` is the option of other commands that takes what this argument does.
    """

    def __init__(
        self,
        *flags: str,
        help: str,  # noqa: A002 - both libraries call it so
        metavar: str | None = None,
        choices: Sequence[str] = (),
        bounds: tuple[int | None, int | None] = (None, None),
        names: Literal["rules", "standards"] | None = None,
        kept: bool = False,
        refusal: str = "it belongs to a single run",
        only_with: str | None = None,
        otherwise: str = "",
    ) -> None:
        self.flags = flags
        self.help = help
        self.metavar = metavar
        self.choices = choices
        self.bounds = bounds
        self.names = names
        self.kept = kept
        self.refusal = refusal
        self.only_with = only_with
        self.otherwise = otherwise

    @property
    def key(self) -> str:
        """What a configuration file calls it: the first flag without its dashes; empty for an argument."""
        return self.flags[0].removeprefix("--") if self.flags else ""


_PROGRAM = "it chooses which program runs"
_CREDENTIALS = "it chooses the credentials and the accounts that are read"
ASKED = "it must be asked for each time"
WRITES = "it chooses where files are written"
"""Why an option is not kept."""


def format_option(words: Sequence[str], told: str = "Print the report in this format.") -> Option:
    """Return the option that chooses one of the formats that a report has."""
    return Option("--format", help=told, choices=words, kept=True)


TABLE = "table"
"""The format where none is named."""

Outputs = Annotated[
    list[str] | None,
    Option(
        "--output",
        "-o",
        metavar="[FORMAT=]FILE",
        help="Also write the report to FILE, in FORMAT or in the format of its suffix; repeatable.",
        refusal=WRITES,
    ),
]
Paths = Annotated[
    list[Path] | None,
    Option(metavar="PATH", help="Folders of Terraform code; '.' when no other source is given."),
]
Snapshot = Annotated[
    Path | None, Option("--snapshot", metavar="FILE", help="Read accounts from a snapshot in this JSON file.")
]
Scp = Annotated[
    list[Path] | None,
    Option(
        "--scp",
        metavar="FILE",
        help="Apply the service or resource control policy in this JSON file; repeatable.",
        kept=True,
    ),
]
PlanJson = Annotated[
    list[Path] | None,
    Option(
        "--plan-json",
        metavar="FILE",
        help="Read a plan as `terraform show -json` prints it, together with its code in PATH; - is stdin; repeatable.",
    ),
]
Evidence = Annotated[
    list[Path] | None,
    Option("--evidence", metavar="FILE", help="Read evidence files or folders from `host run`; repeatable."),
]
StandardOption = Annotated[
    str,
    Option(
        "--standard",
        metavar="NAME|FILE",
        help="Use baseline, strict, transcript-only, or a TOML file of your own.",
        names="standards",
        kept=True,
    ),
]
Only = Annotated[
    list[str] | None,
    Option(
        "--only",
        metavar="RULES",
        help="Run only these rules, such as PREF-03,S3-*; repeatable.",
        names="rules",
        kept=True,
    ),
]
Skip = Annotated[
    list[str] | None,
    Option("--skip", metavar="RULES", help="Skip these rules, such as OPER-*; repeatable.", names="rules", kept=True),
]
Var = Annotated[
    list[str] | None, Option("--var", metavar="NAME=VALUE", help="Set a variable of the root module; repeatable.")
]
VarFile = Annotated[
    list[Path] | None,
    Option("--var-file", metavar="FILE", help="Read variables from a .tfvars file; repeatable.", kept=True),
]
Workspace = Annotated[
    str | None,
    Option("--workspace", metavar="NAME", help="Read code as it is in this Terraform workspace.", kept=True),
]
FailOn = Annotated[Severity, Option("--fail-on", help="Exit 1 for gaps of this severity or higher.", kept=True)]
FailOnUndecided = Annotated[bool, Option("--fail-on-undecided", help="Exit 3 if a verdict is undecided.", kept=True)]
Quiet = Annotated[bool, Option("--quiet", "-q", help="Print no progress or notes on stderr.")]
Terraform = Annotated[
    str | None,
    Option("--terraform", metavar="PATH", help="Use this terraform or tofu executable.", refusal=_PROGRAM),
]
PluginDir = Annotated[
    Path | None,
    Option("--plugin-dir", metavar="DIR", help="Use only the providers in this mirror.", refusal=_PROGRAM),
]
Checkov = Annotated[
    str | None, Option("--checkov", metavar="PATH", help="Use this checkov executable.", refusal=_PROGRAM)
]
Profile = Annotated[str | None, Option("--profile", metavar="NAME", help="Use this AWS profile.", refusal=_CREDENTIALS)]
Yes = Annotated[bool, Option("--yes", "-y", help="Send without asking.", refusal=ASKED)]
RoleArn = Annotated[str | None, Option("--role-arn", metavar="ARN", help="Assume this role.", refusal=_CREDENTIALS)]
ExternalId = Annotated[
    str | None,
    Option("--external-id", metavar="ID", help="Pass this external ID when assuming the role.", refusal=_CREDENTIALS),
]
ChangedSince = Annotated[
    str | None,
    Option("--changed-since", metavar="REV", help="Check only code that changed since this Git revision."),
]
MOST_JOBS = 64
"""How many processes may work at most."""

Jobs = Annotated[
    int | None,
    Option(
        "--jobs",
        metavar="N",
        help="Read root modules in up to N processes; one for each processor by default.",
        bounds=(1, MOST_JOBS),
        kept=True,
    ),
]
NoCache = Annotated[
    bool, Option("--no-cache", help="Read all code again, and keep no results for the next run.", kept=True)
]
Waivers = Annotated[
    list[Path] | None,
    Option("--waivers", metavar="FILE", help="Read waivers from a TOML file; repeatable.", kept=True),
]
Baseline = Annotated[
    Path | None,
    Option("--baseline", metavar="FILE", help="Fail only for findings that this baseline does not list.", kept=True),
]


class Live(NamedTuple):
    """What the user said of live accounts; `live` is whether any is to be read. Each field is one option."""

    live: Annotated[bool, Option("--live", help="Read the live AWS account.", refusal=ASKED)] = False
    profile: Profile = None
    region: Annotated[
        list[str] | None,
        Option(
            "--region",
            metavar="REGION",
            help="Read this Region, or 'all'; repeatable.",
            kept=True,
            only_with="live",
        ),
    ] = None
    role_arn: Annotated[
        list[str] | None,
        Option("--role-arn", metavar="ARN", help="Assume this role; repeatable.", refusal=_CREDENTIALS),
    ] = None
    external_id: ExternalId = None
    organization: Annotated[
        bool,
        Option("--organization", help="Read every account of the organization.", refusal=_CREDENTIALS),
    ] = False
    role_name: Annotated[
        str | None,
        Option(
            "--role-name",
            metavar="NAME",
            help="Assume this role in each account of the organization.",
            refusal=_CREDENTIALS,
        ),
    ] = None
    executor: Annotated[
        str,
        Option(
            "--executor",
            metavar="threads|dask=ADDRESS",
            help="Read accounts in local threads or on a Dask cluster.",
            refusal=_PROGRAM,
        ),
    ] = "threads"
    log_bucket: Annotated[
        list[str] | None,
        Option(
            "--log-bucket",
            metavar="NAME",
            help="Treat this bucket as a log store; repeatable.",
            kept=True,
            only_with="live",
        ),
    ] = None
    log_group: Annotated[
        list[str] | None,
        Option(
            "--log-group",
            metavar="NAME",
            help="Treat this log group as a log store; repeatable.",
            kept=True,
            only_with="live",
        ),
    ] = None


NOT_LIVE = Live()


def with_live(command: Run) -> Run:
    """Give a command the options of Live; it gets them as one keyword argument `live`.

    Command lines read a command's options from its signature, so the signature is what is widened.
    """
    own = [each for each in inspect.signature(command).parameters.values() if each.name != "live"]
    more = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=Live.__annotations__[name])
        for name, default in Live._field_defaults.items()
    ]

    @functools.wraps(command)
    def widened(**given: Any) -> ExitCode | None:
        said = Live(**{each.name: given.pop(each.name) for each in more})
        if not said.live and said != NOT_LIVE:
            raise UsageError(f"{_first_set(said)} applies to live accounts only", hint="add --live")
        return command(**given, live=said)

    return with_parameters(widened, [*own, *more])


def _first_set(said: Live) -> str:
    name = next(name for name, default in Live._field_defaults.items() if getattr(said, name) != default)
    return f"--{name.replace('_', '-')}"


_ALONE = {"output", "files", "fail_on", "fail_on_undecided", "jobs", "no_cache", "quiet"}
"""What a command is given beside its sources and the choice of rules."""

_PLAN_ALONE = {"baseline", "changed_since"}
"""What of the others `plan` takes, and `generate` does not."""

_VIEW = {
    "full": (
        bool,
        Option("--full", help="Print the whole report: sections, remediation in stages, questions, costs.", kept=True),
    ),
    "verbose": (
        bool,
        Option("--verbose", "-v", help="Add to each finding what was found and why it matters.", kept=True),
    ),
    "undecided": (bool, Option("--undecided", help="List each undecided verdict, with how to resolve it.")),
    "severity": (
        Severity | None,
        Option("--severity", help="List only findings of this severity or higher; all still count.", kept=True),
    ),
    "summary": (bool, Option("--summary", help="Print only the counts, the requirements, and the next command.")),
    "no_remediation": (bool, Option("--no-remediation", help="Skip the remediation plan, which is faster.")),
}
"""Each field of View that is an option, its type, and what is said of it."""


def with_view(*left_out: str) -> Callable[[Run], Run]:
    """Give a command the options of View but those that are left out; it gets them as one keyword argument `view`."""

    def widen(command: Run) -> Run:
        own = [each for each in inspect.signature(command).parameters.values() if each.name != "view"]
        more = [
            inspect.Parameter(
                name,
                inspect.Parameter.KEYWORD_ONLY,
                default=View._field_defaults[name],
                annotation=Annotated[kind, said],
            )
            for name, (kind, said) in _VIEW.items()
            if name not in left_out
        ]

        @functools.wraps(command)
        def widened(**given: Any) -> ExitCode | None:
            shown = {each.name: given.pop(each.name) for each in more}
            sources = [each for each in own if each.name not in _ALONE]
            taken = as_typed([each for each in sources if each.name not in _PLAN_ALONE], given)
            return command(**given, view=View(**shown, given=as_typed(sources, given), taken=taken))

        return with_parameters(widened, [*own, *more])

    return widen


def as_typed(parameters: Sequence[inspect.Parameter], given: Mapping[str, Any]) -> str:
    """Return how these parameters are typed for `plan`, without values of variables, which may be secrets."""
    from ssm_hardening.read.paths import again

    words = []
    for each in parameters:
        _, said = get_args(each.annotation)
        value = given.get(each.name)
        if value in (None, each.default, []):
            continue
        flag = next(iter(said.flags), None) or said.otherwise
        several = value if isinstance(value, list) else [value]
        if not flag and not all(os.path.isdir(one) for one in several):  # noqa: PTH112 - never raises, as Path does
            continue  # `plan` reads folders
        for one in several:
            path = again(str(one)) if flag and isinstance(one, Path) else str(one)
            text = f"{one.partition('=')[0]}=…" if flag == "--var" else shlex.quote(path)
            words += [flag] * bool(flag) + ([] if one is True else [text])
    return " ".join(words)


def with_parameters(command: Callable[..., Any], parameters: list[inspect.Parameter]) -> Callable[..., Any]:
    """Return the command with another signature, all of it keywords."""
    keywords = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in parameters]
    command.__signature__ = inspect.Signature(keywords)  # type: ignore[attr-defined]
    command.__annotations__ = {each.name: each.annotation for each in keywords}
    return command


def described(parameter: inspect.Parameter) -> tuple[Any, Option]:
    """Return the type of a command's parameter, and what is said of it."""
    kind, said = get_args(parameter.annotation)
    return kind, said


def member_of(kind: Any) -> Any:
    """Return the type of the members of `list[...] | None`; None for other types."""
    found = [get_args(each)[0] for each in (kind, *get_args(kind)) if get_origin(each) is list]
    return found[0] if found else None


def words_of(kind: Any, said: Option) -> tuple[str, ...]:
    """Return the words that an option takes; none where it takes any text."""
    is_choice = isinstance(kind, type) and issubclass(kind, Enum)
    return tuple(said.choices) or (tuple(each.value for each in kind) if is_choice else ())
