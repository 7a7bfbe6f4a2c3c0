"""Differences of two recorded folders in facts, verdicts, answers and exit codes, whatever the words about them.

Where both sides have a text for people, no matter which, they are the same; a text that comes or goes is a difference.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from tests.recorder.manifest import EXITS, read

_REPORT = frozenset({"message", "title", "headline", "explanation", "manual", "detail", "note", "notes", "description"})
_REMEDIATION = frozenset(
    {"change", "stops", "avoided_by", "checks", "questions", "what", "why", "formula", "diff", "lines"}
)
_TEXTS: Mapping[str, frozenset[str]] = {
    "inspect.json": frozenset({"detail"}),
    "audit.json": _REPORT | _REMEDIATION,
    "check.json": _REPORT | _REMEDIATION,
    "access.json": frozenset({"detail", "does", "outcome", "what", "unknown", "not_read"}),
    EXITS: frozenset(),
}
"""By artifact, the keys whose values are texts for people. What an attribute of a fact is called is not among them."""

_STRICT = frozenset({"inspect.json", EXITS})
"""Where a new key is a difference: it is an attribute of a fact, or a command's."""

_NAMED = ("rule", "name", "account", "region", "root", "subject")
"""What identifies a verdict, a variable or an account, wherever in its list it is."""

_WIDTH = 60
Seen: TypeAlias = Counter[str]


def changed_facts(before: Path, after: Path, seen: Seen) -> Iterator[str]:
    """Yield a line for each difference; counts in `seen` what was compared, what differs, and keys that are new."""
    subjects = [read(folder / "recorded.txt").keys() for folder in (before, after)]
    for subject in sorted(subjects[0] | subjects[1]):
        if missing := [where for where, held in zip(("new", "gone"), subjects, strict=True) if subject not in held]:
            yield f"{subject}: is {missing[0]}"
            seen[f"subjects {missing[0]}"] += 1
            continue
        found = [line for name in _TEXTS for line in _artifact(before / subject, after / subject, name, seen)]
        seen["subjects different" if found else "subjects same"] += 1
        yield from (f"{subject}: {line}" for line in found)


def _artifact(before: Path, after: Path, name: str, seen: Seen) -> Iterator[str]:
    files = [folder / name for folder in (before, after) if (folder / name).is_file()]
    if not files:
        return
    if len(files) == 1:
        found = [f"{name} is {'gone' if files[0].parent == before else 'new'}"]
    else:
        one, other = (json.loads(file.read_bytes() or b"null") for file in files)
        found = [f"{name} {line}" for line in _Comparison(name, seen).of(one, other, "")]
    seen[f"{name} different" if found else f"{name} same"] += 1
    yield from found


class _Comparison:
    """Compares one artifact's values, and counts the keys that are new in it."""

    def __init__(self, artifact: str, seen: Seen) -> None:
        self._artifact, self._texts, self._seen = artifact, _TEXTS[artifact], seen

    def of(self, before: Any, after: Any, path: str) -> Iterator[str]:
        if isinstance(before, dict) and isinstance(after, dict):
            yield from self._keys(before, after, path)
        elif isinstance(before, list) and isinstance(after, list):
            yield from self._members(_by_name(before), _by_name(after), path)
        elif before != after or type(before) is not type(after):
            yield f"{path}: {_short(before)} → {_short(after)}"

    def _keys(self, before: dict[str, Any], after: dict[str, Any], path: str) -> Iterator[str]:
        new = frozenset(after.keys() - before.keys()) if self._artifact not in _STRICT else frozenset()
        self._seen.update(f"{self._artifact} new key {key}" for key in new)
        # A text on both sides is not compared.
        skipped = new | {
            key for key in self._texts & before.keys() & after.keys() if _are_texts(before[key], after[key])
        }
        one, other = ({key: each[key] for key in each if key not in skipped} for each in (before, after))
        yield from self._members(one, other, path)

    def _members(self, before: Mapping[str, Any], after: Mapping[str, Any], path: str) -> Iterator[str]:
        for name in [*before, *(each for each in after if each not in before)]:
            place = f"{path}/{name}"
            if name not in after:
                yield f"{place}: is gone ({_short(before[name])})"
            elif name not in before:
                yield f"{place}: is new ({_short(after[name])})"
            else:
                yield from self.of(before[name], after[name], place)


def _are_texts(before: Any, after: Any) -> bool:
    """Say whether both sides have words, or neither has: texts, or lists of them, of any length."""
    members = (each for value in (before, after) for each in (value if isinstance(value, list) else [value]))
    return bool(before) == bool(after) and all(isinstance(each, str) for each in members)


def _by_name(values: Sequence[Any]) -> dict[str, Any]:
    """Return the values of a list by what names them, or by their position where nothing does."""
    named: dict[str, Any] = {}
    for number, value in enumerate(values):
        words = (value.get(key) for key in _NAMED) if isinstance(value, dict) else ()
        name = " ".join(word for word in words if word and isinstance(word, str)) or str(number)
        # One rule may give several verdicts on one subject.
        named[f"{name} {number}" if name in named else name] = value
    return named


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _WIDTH else f"{text[:_WIDTH]}…"
