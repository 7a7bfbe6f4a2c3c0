"""The options that say which live accounts to read, the same for every command, and the reading itself."""

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Annotated, Any

import typer

from ssm_hardening.core.errors import UsageError

_PANEL = "Live accounts"

_Asked = Annotated[bool, typer.Option("--live", help="Read the AWS account itself.", rich_help_panel=_PANEL)]
_Profile = Annotated[
    str | None, typer.Option("--profile", metavar="NAME", help="AWS profile to start from.", rich_help_panel=_PANEL)
]
_Regions = Annotated[
    list[str] | None,
    typer.Option("--region", metavar="REGION", help="Region to read, or 'all'; repeatable.", rich_help_panel=_PANEL),
]
_Roles = Annotated[
    list[str] | None,
    typer.Option("--role-arn", metavar="ARN", help="Role to assume; repeatable.", rich_help_panel=_PANEL),
]
_External = Annotated[
    str | None,
    typer.Option("--external-id", metavar="ID", help="What those roles ask for.", rich_help_panel=_PANEL),
]
_Organization = Annotated[
    bool,
    typer.Option("--organization", help="Read every account of the organization.", rich_help_panel=_PANEL),
]
_RoleName = Annotated[
    str | None,
    typer.Option("--role-name", metavar="NAME", help="Role to assume in each of them.", rich_help_panel=_PANEL),
]
_Executor = Annotated[
    str,
    typer.Option("--executor", metavar="threads|dask=ADDRESS", help="Where accounts are read.", rich_help_panel=_PANEL),
]
_Buckets = Annotated[
    list[str] | None,
    typer.Option("--log-bucket", metavar="NAME", help="A bucket meant for session logs.", rich_help_panel=_PANEL),
]
_Groups = Annotated[
    list[str] | None,
    typer.Option("--log-group", metavar="NAME", help="A log group meant for sessions.", rich_help_panel=_PANEL),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """What the user said of live accounts; `live` is whether any is to be read. Each field is one option."""

    live: _Asked = False
    profile: _Profile = None
    region: _Regions = None
    role_arn: _Roles = None
    external_id: _External = None
    organization: _Organization = False
    role_name: _RoleName = None
    executor: _Executor = "threads"
    log_bucket: _Buckets = None
    log_group: _Groups = None


NOT_LIVE = Live()


def _first_set(said: Live) -> str:
    name = next(each.name for each in fields(Live) if getattr(said, each.name) != each.default)
    return f"--{name.replace('_', '-')}"


def with_live(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of Live; it gets them as one keyword argument `live`.

    Typer reads a command's options from its signature, so the signature is what is widened.
    """
    own = [each for each in inspect.signature(command).parameters.values() if each.name != "live"]
    more = [
        inspect.Parameter(each.name, inspect.Parameter.KEYWORD_ONLY, default=each.default, annotation=each.type)
        for each in fields(Live)
    ]

    @functools.wraps(command)
    def widened(**given: Any) -> None:  # noqa: ANN401 - options of any type
        said = Live(**{each.name: given.pop(each.name) for each in more})
        if not said.live and said != NOT_LIVE:
            raise UsageError(f"{_first_set(said)} is for live accounts", hint="add --live")
        command(**given, live=said)

    parameters = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in own]
    widened.__signature__ = inspect.Signature([*parameters, *more])  # type: ignore[attr-defined]
    widened.__annotations__ = {each.name: each.annotation for each in (*parameters, *more)}
    return widened
