"""Decisions kept: what a configuration file and the environment set, and `ssm-harden config show`, which says so.

A file is `.ssm-harden.toml`, or `[tool.ssm-harden]` of pyproject.toml. It may come from a repository that somebody else
wrote, so it sets nothing but options that are `kept`, and names only files of that repository.
"""

import inspect
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Annotated, Any, get_args

from ssm_hardening.cli import options
from ssm_hardening.cli.commands import COMMANDS, VARIABLES, Command, CommandGroup, parameters_of
from ssm_hardening.cli.config_file import Setting, find, settings_in
from ssm_hardening.cli.options import TABLE, described, member_of, words_of
from ssm_hardening.core.errors import UsageError, did_you_mean, listed
from ssm_hardening.report.formats import SETTINGS

_NO_CONFIG = f"{VARIABLES}NO_CONFIG"
_OTHERS = frozenset({_NO_CONFIG, *(f"{VARIABLES}{name}" for name in ("CHECKOV", "DEBUG", "PLUGIN_DIR", "TERRAFORM"))})
"""Variables that are read elsewhere."""

_TRUTH = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}


_NARROWING = frozenset(
    {"standard", "only", "skip", "fail-on", "waivers", "baseline", "var-file", "region", "workspace"}
)
"""Keys that can take findings out of a report, or out of the exit code."""

_TOLD = 60
"""Characters of a value that a note repeats."""


def settled(
    command: str, parameters: Sequence[inspect.Parameter], given: Mapping[str, Any]
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return the arguments that settings make for a command, without those that were given, and what is to be noted.

    Raises UsageError.
    """
    kept = {said.key: each for each in parameters for _, said in [described(each)] if said.kept}
    found: dict[str, Any] = {}
    by_name: dict[str, Setting] = {}
    for setting in settings(ignore_files=given.get("no_config", False)):
        parameter = kept.get(setting.key) if setting.table in {"", command} else None
        if parameter is None:
            _check_key(setting)
        elif _applies(setting, command, parameter):
            found[parameter.name], by_name[parameter.name] = typed(setting, parameter), setting
    needs = {each.name: described(each)[1].only_with for each in kept.values()}
    counted = {
        name: value
        for name, value in found.items()
        if name not in given and (needs[name] is None or given.get(str(needs[name])))
    }
    return counted, tuple(_noted([by_name[name] for name in counted]))


def _noted(counted: Sequence[Setting]) -> Iterator[str]:
    """Say what a file decided that can hide findings: it may be the file of whoever wrote the code."""
    narrowing = [each for each in counted if each.top is not None and each.key in _NARROWING]
    texts = [f"{each.key} = {_short(each.value)}" for each in narrowing]
    if narrowing:
        yield f"{narrowing[0].place} sets {listed(texts, 'and')}; --no-config ignores it"


def _short(value: object) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if len(text) <= _TOLD else f"{text[:_TOLD]}…"


def settings(*, ignore_files: bool = False) -> tuple[Setting, ...]:
    """Return what the file and the environment set; later ones count more. Raises UsageError."""
    ignore_files = ignore_files or _TRUTH.get(os.environ.get(_NO_CONFIG, "").lower(), False)
    file = None if ignore_files else find(Path.cwd())
    in_file = () if file is None else settings_in(file)
    return (*sorted(in_file, key=lambda each: each.table != ""), *_of_environment())


def _of_environment() -> Iterator[Setting]:
    for name, text in sorted(os.environ.items()):
        if name.startswith(VARIABLES) and name not in _OTHERS and text.strip():
            yield Setting(name.removeprefix(VARIABLES).lower().replace("_", "-"), text, name)


@cache
def _known() -> Mapping[str, tuple[tuple[str, inspect.Parameter], ...]]:
    """Return the options of all commands by key: each command that has it, with its parameter."""
    found: dict[str, list[tuple[str, inspect.Parameter]]] = {}
    commands: dict[str, Command] = {}
    for name, each in COMMANDS.items():
        if isinstance(each, CommandGroup):
            commands |= {f"{name} {below}": command for below, command in each.commands.items()}
        else:
            commands[name] = each
    for name, command in commands.items():
        for parameter in parameters_of(command.load()):
            found.setdefault(described(parameter)[1].key, []).append((name, parameter))
    return {key: tuple(pairs) for key, pairs in found.items() if key}


def _kept_keys() -> tuple[str, ...]:
    return tuple(key for key, found in _known().items() if any(described(each)[1].kept for _, each in found))


def _check_key(setting: Setting) -> None:
    """Raise UsageError for a key that no command keeps, or not the one whose table it is in."""
    found = _known().get(setting.key, ())
    kept = [command for command, each in found if described(each)[1].kept]
    if not kept and not found:
        meant = did_you_mean(setting.key, _kept_keys(), otherwise="")
        if setting.top is None and not meant:
            return  # other programs may have variables of such names
        told = f"unknown key `{setting.key}`{f'; {_quoted(meant)}' if meant else ''}"
        raise setting.wrong(told, hint=f"the keys are {listed(sorted(_kept_keys()), 'and')}")
    if not kept:
        refusal = described(found[0][1])[1].refusal
        raise setting.wrong(f"`{setting.key}` cannot be set here: {refusal}", hint=f"pass --{setting.key} instead")
    if setting.table and setting.table not in kept:
        raise setting.wrong(
            f"`{setting.table}` has no option `{setting.key}`", hint=f"it is an option of {listed(kept, 'and')}"
        )


def _quoted(question: str) -> str:
    return re.sub(r"did you mean (.*)\?", r"did you mean `\1`?", question)


def _applies(setting: Setting, command: str, parameter: inspect.Parameter) -> bool:
    """Say whether a setting is for this command: one for all may have a value that only others take (`sarif`)."""
    if setting.table or _fits(setting, parameter):
        return True
    others = (each for name, each in _known()[setting.key] if name != command and described(each)[1].kept)
    return not any(_fits(setting, each) for each in others)


def _fits(setting: Setting, parameter: inspect.Parameter) -> bool:
    try:
        typed(setting, parameter)
    except UsageError:
        return False
    return True


def typed(setting: Setting, parameter: inspect.Parameter) -> Any:
    """Return a value as the type that a command's parameter has. Raises UsageError where it is of another."""
    kind, said = described(parameter)
    member = member_of(kind)
    if member is None:
        bare = next((each for each in get_args(kind) if each is not type(None)), kind)
        return _one(setting, bare, said, setting.value)
    return [_one(setting, member, said, each) for each in _members(setting)]


def _members(setting: Setting) -> list[Any]:
    if isinstance(setting.value, list):
        return setting.value
    if setting.top is None and isinstance(setting.value, str):
        return [each.strip() for each in setting.value.split(",") if each.strip()]
    return [setting.value]


def _one(setting: Setting, kind: Any, said: options.Option, value: Any) -> Any:
    if kind is bool:
        return _flag(setting, value)
    if kind is int:
        return _number(setting, said, value)
    if not isinstance(value, str):
        raise setting.wrong(f"`{setting.key}` must be a string, not {value!r}")
    words = words_of(kind, said)
    if words and value not in words:
        offered = words if setting.table else _words(setting.key)
        meant = did_you_mean(value, offered, otherwise=f"choose {listed(offered)}")
        raise setting.wrong(f"`{setting.key}` cannot be {value!r}; {meant}")
    if said.names == "rules":
        return _rules(setting, value)
    if kind is Path or (said.names == "standards" and not _is_built_in(value)):
        return kind(_path(setting, value))
    return kind(value)


def _words(key: str) -> tuple[str, ...]:
    """Return the words that any command takes for this key."""
    return tuple(dict.fromkeys(word for _, each in _known()[key] for word in words_of(*described(each))))


def _flag(setting: Setting, value: Any) -> bool:
    read = _TRUTH.get(value.strip().lower()) if setting.top is None and isinstance(value, str) else value
    if isinstance(read, bool):
        return read
    raise setting.wrong(f"`{setting.key}` must be true or false, not {value!r}")


def _number(setting: Setting, said: options.Option, value: Any) -> int:
    read = int(value) if setting.top is None and isinstance(value, str) and value.strip().isdecimal() else value
    least, most = said.bounds
    if isinstance(read, bool) or not isinstance(read, int):
        raise setting.wrong(f"`{setting.key}` must be a whole number, not {value!r}")
    if (least is not None and read < least) or (most is not None and read > most):
        raise setting.wrong(f"`{setting.key}` cannot be {read}; it must be between {least} and {most}")
    return read


def _rules(setting: Setting, value: str) -> str:
    from ssm_hardening.rules.catalogue import rules_named

    try:
        rules_named([value])
    except UsageError as error:
        raise setting.wrong(f"`{setting.key}`: {error.message}", hint=error.hint) from error
    return value


def _is_built_in(name: str) -> bool:
    from ssm_hardening.verdicts.standards import BUILT_IN

    return name in BUILT_IN


def _path(setting: Setting, value: str) -> str:
    """Return a path as seen from the working directory. A file names files of its own repository alone."""
    if setting.top is None:
        return value
    from ssm_hardening.read.paths import Bounds

    path = Path(setting.place).parent / value
    try:
        real = Path(os.path.realpath(path))
    except ValueError as error:  # a null character
        raise setting.wrong(f"`{setting.key}`: {value!r} is not a path") from error
    if not Bounds((setting.top,)).allow(real, setting.top):
        raise setting.wrong(
            f"`{setting.key}`: {value!r} points outside of the repository", hint=f"pass --{setting.key} instead"
        )
    return str(path)


def show(
    output: Annotated[str, options.format_option(SETTINGS.words)] = TABLE,
    files: options.Outputs = None,
) -> None:
    """Show each setting and where it comes from.

    Environment variables override the configuration file, and command-line options override both.
    """
    from ssm_hardening.cli import output as out
    from ssm_hardening.report.settings import SettingsReport, SettingTold

    also = out.destinations(SETTINGS, files, output)
    for setting in settings():
        _demand_valid(setting)
    found = [setting for setting in settings() if setting.key in _known()]
    by_variable = {setting.key for setting in found if setting.top is None}
    told = [each for each in found if each.top is None or each.key not in by_variable]
    file = next((each.place for each in found if each.top is not None), None)
    shown = [SettingTold(each.key, each.value, each.table, each.place, each.line) for each in told]
    out.show(SETTINGS, output, SettingsReport(file, shown), also)


def _demand_valid(setting: Setting) -> None:
    """Raise UsageError where no command can take it."""
    _check_key(setting)
    for command, parameter in _known().get(setting.key, ()):
        if setting.table in {"", command} and described(parameter)[1].kept and _applies(setting, command, parameter):
            typed(setting, parameter)
