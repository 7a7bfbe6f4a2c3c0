"""python-hcl2's grammar as LALR tables, kept in the user's own cache directory.

Lark works the tables out from the grammar file once (about half a second); afterwards they are read as JSON,
and neither hcl2 nor lark is imported any more. JSON rather than Lark's own cache, which is a pickle: whoever can write
the file could at worst spoil a verdict, and the directory must be the user's alone even for that.
"""

import json
import os
import re
import stat
from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from zlib import crc32

from ssm_hardening.core.errors import SsmHardenError
from ssm_hardening.hcl.building import BUILDERS
from ssm_hardening.hcl.reducing import REPETITION, ParseTables, rule

_SCHEMA = 2
"""Counts up whenever the layout of the cache file or the way it is derived changes."""

_CACHE_FOLDER = "ssm-harden"
_OTHERS_MAY_WRITE = stat.S_IWGRP | stat.S_IWOTH


@cache
def tables() -> ParseTables:
    """Return the tables, from the cache or from the grammar."""
    grammar = _grammar_text()
    folder = cache_folder()
    name = f"grammar-{_SCHEMA}-{crc32(grammar.encode()):08x}.json"
    found = None if folder is None else _load(folder / name)
    if found is not None:
        return found
    data = _derive(grammar)
    if folder is not None:
        _save(folder / name, data)
    return _tables(data)


def _grammar_text() -> str:
    """Read the grammar without importing hcl2 (which would take a tenth of a second)."""
    try:
        spec = find_spec("hcl2")
        places = list(spec.submodule_search_locations or ()) if spec is not None else []
        return Path(places[0], "hcl2.lark").read_text(encoding="utf-8")
    except (IndexError, OSError, ValueError) as error:
        raise SsmHardenError("python-hcl2, which reads Terraform code, is not installed", hint=_hint()) from error


def cache_folder() -> Path | None:
    """Return the folder for the cache; None where there is none that only this user can write to."""
    try:
        base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
        folder = Path(base, _CACHE_FOLDER)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        state = folder.lstat()
    except (OSError, RuntimeError, ValueError):
        return None
    own = stat.S_ISDIR(state.st_mode) and state.st_uid == os.getuid()
    return folder if own and not state.st_mode & _OTHERS_MAY_WRITE else None


def _load(file: Path) -> ParseTables | None:
    """Return the cached tables, or None where they are missing or spoiled (they are derived anew then)."""
    try:
        checksum, _, data = file.read_bytes().partition(b"\n")
        return _tables(json.loads(data)) if checksum == _checksum(data) else None
    except (OSError, ValueError):
        return None


def _checksum(data: bytes) -> bytes:
    return f"{crc32(data):08x}".encode()


def _tables(data: Mapping[str, Any]) -> ParseTables:
    rules = tuple(
        rule(origin, name, size, repeats=repeats, builder=BUILDERS.get(name))
        for origin, name, size, repeats in data["rules"]
    )
    return ParseTables(data["start"], data["end"], tuple(data["actions"]), rules)


def _save(file: Path, data: Mapping[str, Any]) -> None:
    """Write the cache in one step, so that runs at the same time never see half of it."""
    import tempfile  # noqa: PLC0415 - needed once for each version of the grammar

    try:
        handle, temporary = tempfile.mkstemp(dir=file.parent, prefix=".grammar-")
        text = json.dumps(data, separators=(",", ":")).encode()
        with os.fdopen(handle, "wb") as stream:
            stream.write(_checksum(text) + b"\n" + text)
        Path(temporary).replace(file)
    except OSError:
        return


def _derive(grammar: str) -> dict[str, Any]:
    """Let Lark analyse the grammar, and take its tables."""
    from lark import Lark
    from lark.exceptions import LarkError
    from lark.grammar import Rule
    from lark.lexer import TerminalDef

    try:
        data, memo = Lark(_without_newlines(grammar), parser="lalr").memo_serialize([TerminalDef, Rule])
        found = _simplify(data["parser"]["parser"], memo)
    except (LarkError, KeyError, TypeError) as error:
        raise _foreign() from error
    if not BUILDERS.keys() <= {name for _, name, *_ in found["rules"]}:
        raise _foreign()
    return found


def _foreign() -> SsmHardenError:
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415 - slow, and only for a message

    versions = []
    for package in ("python-hcl2", "bc-python-hcl2"):
        try:
            versions.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            continue
    seen = ", ".join(versions) or "neither python-hcl2 nor its fork by name"
    message = f"the installed hcl2 package is not python-hcl2 8 (found: {seen}), so Terraform code cannot be read"
    return SsmHardenError(message, hint=_hint())


def _hint() -> str:
    from ssm_hardening.core.installation import replace_hcl2  # noqa: PLC0415 - only for a message

    return (
        f"run `{replace_hcl2()}`, and keep checkov in an environment of its own: its fork (bc-python-hcl2) overwrites"
        " the hcl2 package"
    )


def _without_newlines(grammar: str) -> str:
    """Drop newlines from the rules where HCL ignores them: the lexer does not pass them on there.

    A tenth of the tables remains, and of the time to work them out.
    """
    kept = re.compile(r"(?:body|object|new_line_or_comment) ?:")
    lines = grammar.split("\n")
    return "\n".join(line if kept.match(line) else line.replace("new_line_or_comment?", "") for line in lines)


def _simplify(parser: Mapping[str, Any], memo: Mapping[int, Any]) -> dict[str, Any]:
    """Turn Lark's serialised tables into ours: states numbered from 0, reductions as ~rule."""
    tokens, states = parser["tokens"], parser["states"]
    order = {state: index for index, state in enumerate(states)}
    rules: dict[int, int] = {}

    def action(kind: int, argument: Any) -> int:  # noqa: ANN401 - a state, or a reference to a rule
        if kind == 0:
            return order[argument]
        return ~rules.setdefault(argument["@"], len(rules))

    actions = [{tokens[token]: action(*entry) for token, entry in entries.items()} for entries in states.values()]
    return {
        "start": order[parser["start_states"]["start"]],
        "end": order[parser["end_states"]["start"]],
        "actions": actions,
        "rules": [_entry(memo[key]) for key in rules],
    }


def _entry(lark_rule: Mapping[str, Any]) -> tuple[str, str, int, bool]:
    origin: str = lark_rule["origin"]["name"]
    repeats = any(symbol["name"].startswith(REPETITION) for symbol in lark_rule["expansion"])
    return origin, lark_rule["alias"] or origin, len(lark_rule["expansion"]), repeats
