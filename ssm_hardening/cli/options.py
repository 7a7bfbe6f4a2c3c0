"""The options that several commands share, described once for both command lines (Typer's and argparse's)."""

import functools
import inspect
import os
import shlex
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, NamedTuple, TypeAlias, get_args

from ssm_hardening.core.errors import ExitCode, UsageError
from ssm_hardening.report.formats import View
from ssm_hardening.verdicts.findings import Severity

Run: TypeAlias = Callable[..., ExitCode | None]
"""A command: its signature says what it takes, its docstring what it does. It returns its exit code; None is 0."""


class Option:
    """What is said of an option, or of an argument where it has no flags. `bounds` are the least and the greatest.

    `otherwise` is the option of other commands that takes what this argument does.
    """

    def __init__(
        self,
        *flags: str,
        help: str,  # noqa: A002 - both libraries call it so
        metavar: str | None = None,
        choices: Sequence[str] = (),
        bounds: tuple[int | None, int | None] = (None, None),
        otherwise: str = "",
    ) -> None:
        self.flags = flags
        self.help = help
        self.metavar = metavar
        self.choices = choices
        self.bounds = bounds
        self.otherwise = otherwise


def format_option(words: Sequence[str], told: str = "How to print the report.") -> Option:
    """Return the option that chooses one of the formats that a report has."""
    return Option("--format", help=told, choices=words)


TABLE = "table"
"""The format where none is named."""

Paths = Annotated[
    list[Path] | None,
    Option(metavar="PATH", help="Folders of Terraform code; '.' when no other source is given."),
]
Snapshot = Annotated[Path | None, Option("--snapshot", metavar="FILE", help="An account recorded as JSON.")]
PlanJson = Annotated[
    list[Path] | None,
    Option("--plan-json", metavar="FILE", help="What `terraform show -json` prints of a plan; repeatable."),
]
Evidence = Annotated[
    list[Path] | None,
    Option("--evidence", metavar="FILE", help="From inside nodes: files or folders of `host run`; repeatable."),
]
StandardOption = Annotated[
    str, Option("--standard", metavar="NAME|FILE", help="baseline, strict, transcript-only, or a TOML file.")
]
Only = Annotated[list[str] | None, Option("--only", metavar="RULE", help="Judge by this rule only; repeatable.")]
Skip = Annotated[list[str] | None, Option("--skip", metavar="RULE", help="Leave this rule out; repeatable.")]
Var = Annotated[
    list[str] | None, Option("--var", metavar="NAME=VALUE", help="Set a root module's variable; repeatable.")
]
VarFile = Annotated[list[Path] | None, Option("--var-file", metavar="FILE", help="Read variables; repeatable.")]
FailOn = Annotated[Severity, Option("--fail-on", help="Exit 1 for gaps of this severity or higher.")]
FailOnUndecided = Annotated[bool, Option("--fail-on-undecided", help="Exit 3 where a verdict is undecided.")]
Quiet = Annotated[bool, Option("--quiet", "-q", help="No progress and no notes on stderr.")]
Terraform = Annotated[str | None, Option("--terraform", metavar="PATH", help="The terraform or tofu to verify with.")]
PluginDir = Annotated[Path | None, Option("--plugin-dir", metavar="DIR", help="The only provider mirror to use.")]
Checkov = Annotated[str | None, Option("--checkov", metavar="PATH", help="The checkov to verify with.")]
Profile = Annotated[str | None, Option("--profile", metavar="NAME", help="AWS profile to start from.")]


class Live(NamedTuple):
    """What the user said of live accounts; `live` is whether any is to be read. Each field is one option."""

    live: Annotated[bool, Option("--live", help="Read the AWS account itself.")] = False
    profile: Profile = None
    region: Annotated[
        list[str] | None, Option("--region", metavar="REGION", help="Region to read, or 'all'; repeatable.")
    ] = None
    role_arn: Annotated[list[str] | None, Option("--role-arn", metavar="ARN", help="Role to assume; repeatable.")] = (
        None
    )
    external_id: Annotated[str | None, Option("--external-id", metavar="ID", help="What those roles ask for.")] = None
    organization: Annotated[bool, Option("--organization", help="Read every account of the organization.")] = False
    role_name: Annotated[str | None, Option("--role-name", metavar="NAME", help="Role to assume in each of them.")] = (
        None
    )
    executor: Annotated[str, Option("--executor", metavar="threads|dask=ADDRESS", help="Where accounts are read.")] = (
        "threads"
    )
    log_bucket: Annotated[
        list[str] | None, Option("--log-bucket", metavar="NAME", help="A bucket meant for session logs.")
    ] = None
    log_group: Annotated[
        list[str] | None, Option("--log-group", metavar="NAME", help="A log group meant for sessions.")
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
            raise UsageError(f"{_first_set(said)} is for live accounts", hint="add --live")
        return command(**given, live=said)

    return with_parameters(widened, [*own, *more])


def _first_set(said: Live) -> str:
    name = next(name for name, default in Live._field_defaults.items() if getattr(said, name) != default)
    return f"--{name.replace('_', '-')}"


_ALONE = {"output", "fail_on", "fail_on_undecided", "quiet"}
"""What a command is given beside its sources and the choice of rules."""

_VIEW = {
    "full": (bool, Option("--full", help="Print the whole report: sections, remediation in stages, questions, costs.")),
    "verbose": (bool, Option("--verbose", "-v", help="Add to each finding what was found and why it matters.")),
    "undecided": (bool, Option("--undecided", help="List each undecided verdict, with how to resolve it.")),
    "severity": (Severity | None, Option("--severity", help="List findings of this severity or higher; all count.")),
    "summary": (bool, Option("--summary", help="Print the counts, the requirements and the next command only.")),
    "no_remediation": (bool, Option("--no-remediation", help="Do not plan the remediation, which is faster.")),
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
            typed = as_typed([each for each in own if each.name not in _ALONE], given)
            return command(**given, view=View(**shown, given=typed))

        return with_parameters(widened, [*own, *more])

    return widen


def as_typed(parameters: Sequence[inspect.Parameter], given: Mapping[str, Any]) -> str:
    """Return how these parameters are typed for `plan`, without values of variables, which may be secrets."""
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
            text = f"{one.partition('=')[0]}=…" if flag == "--var" else shlex.quote(str(one))
            words += [flag] * bool(flag) + ([] if one is True else [text])
    return " ".join(words)


def with_parameters(command: Callable[..., Any], parameters: list[inspect.Parameter]) -> Callable[..., Any]:
    """Return the command with another signature, all of it keywords."""
    keywords = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in parameters]
    command.__signature__ = inspect.Signature(keywords)  # type: ignore[attr-defined]
    command.__annotations__ = {each.name: each.annotation for each in keywords}
    return command
