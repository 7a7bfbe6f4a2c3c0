"""Changes of code as edits: each rule's changes are made together or handed to a person together."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from ssm_hardening.core.errors import SsmHardenError
from ssm_hardening.core.origins import CodeOrigin
from ssm_hardening.hcl import ast
from ssm_hardening.hcl.syntax import parse
from ssm_hardening.model import Fact, SessionDocument
from ssm_hardening.remediation.changes import AllowLogs, Edited, Phase, SetContent, phase_of
from ssm_hardening.remediation.contents import set_content
from ssm_hardening.remediation.hcl_edit import Argument, align, set_argument
from ssm_hardening.remediation.key_policies import allow_logs
from ssm_hardening.remediation.objects import NotEditableError, TextEdit
from ssm_hardening.remediation.places import argument_edits, file_of
from ssm_hardening.remediation.plan import Edit, diff
from ssm_hardening.remediation.wiring import PassedValue, Wiring

ReadFile = Callable[[str], str]

_ContentKey = tuple[str, int]


_STRETCH = 4_096
"""Characters of a file, the edits of which are compared with each other: not every edit with every other one."""


@dataclass(slots=True)
class _FileEdits:
    edits: dict[TextEdit, None] = field(default_factory=dict)
    closes: set[str] = field(default_factory=set)
    phase: Phase = Phase.KEYS
    _by_stretch: dict[int, list[TextEdit]] = field(default_factory=dict)

    def take(self, edits: Iterable[TextEdit]) -> None:
        """Add edits, each once."""
        for edit in edits:
            if edit not in self.edits:
                self.edits[edit] = None
                for stretch in _stretches(edit):
                    self._by_stretch.setdefault(stretch, []).append(edit)

    def near(self, edit: TextEdit) -> Iterator[TextEdit]:
        """Yield all edits that may overlap with one."""
        return (other for stretch in _stretches(edit) for other in self._by_stretch.get(stretch, ()))


def _stretches(edit: TextEdit) -> range:
    return range(edit.start // _STRETCH, edit.end // _STRETCH + 1)


@dataclass(slots=True)
class _Contents:
    document: SessionDocument
    entries: dict[tuple[str, ...], str | bool | int] = field(default_factory=dict)
    closes: set[str] = field(default_factory=set)


class Editor:
    """Collects edits of the user's files; files are read through the function given, once.

    `facts` are all that were read: what belongs to one may be written in the file of another.
    """

    def __init__(self, read_file: ReadFile, facts: Sequence[Fact]) -> None:
        self._read_file = read_file
        self._facts = facts
        self._files: dict[str, ast.SourceFile] = {}
        self._edits: dict[str, _FileEdits] = {}
        self._contents: dict[_ContentKey, _Contents] = {}

    def file(self, path: str) -> ast.SourceFile:
        """Return the parsed file. Raises NotEditableError."""
        if path not in self._files:
            if path.endswith(".json"):
                raise NotEditableError(f"{path} uses Terraform's JSON syntax")
            if ".terraform/" in path:
                raise NotEditableError(f"{path} is managed by the owner of another module; change it there")
            try:
                self._files[path] = parse(path, self._read_file(path).encode())
            except (SsmHardenError, OSError, UnicodeError) as error:
                raise NotEditableError(f"{path} cannot be read: {error}") from error
        return self._files[path]

    def add(self, changes: Sequence[Edited], rule: str, wiring: Wiring) -> None:
        """Take over one rule's changes, all of them or none. Raises NotEditableError."""
        handed, passed, folders = dict(wiring.handovers), dict(wiring.passed), set(wiring.data_folders)
        try:
            contents = self._content_entries([each for each in changes if isinstance(each, SetContent)], wiring)
            ready = [(each, self._ready(each, wiring)) for each in changes if not isinstance(each, SetContent)]
        except NotEditableError:
            wiring.handovers, wiring.passed, wiring.data_folders = handed, passed, folders
            raise
        for key, found in contents.items():
            kept = self._contents.setdefault(key, _Contents(found.document))
            kept.entries = found.entries | kept.entries
            kept.closes.add(rule)
        for change, (path, edits) in ready:
            self._take(path, edits, {rule}, phase_of(change))

    def _ready(self, change: Edited, wiring: Wiring) -> tuple[str, list[TextEdit]]:
        path, edits = self._edits_for(change, wiring)
        present = self._edits.get(path, _FileEdits())
        for edit in edits:
            if edit not in present.edits and any(_overlap(edit, other) for other in present.near(edit)):
                raise NotEditableError("another edit changes the same place")
        return path, edits

    def _edits_for(self, change: Edited, wiring: Wiring) -> tuple[str, list[TextEdit]]:
        if not isinstance(change, AllowLogs):
            return argument_edits(change, self.file, wiring)
        allowed = allow_logs(change, self._facts, self.file)
        wiring.data_folders |= {allowed.data_folder} - {""}
        return allowed.path, allowed.edits

    def _take(self, path: str, edits: Sequence[TextEdit], closes: set[str], phase: Phase) -> None:
        kept = self._edits.setdefault(path, _FileEdits())
        kept.take(edits)
        kept.closes |= closes
        kept.phase = max(kept.phase, phase)

    def _content_entries(self, changes: Sequence[SetContent], wiring: Wiring) -> dict[_ContentKey, _Contents]:
        found: dict[_ContentKey, _Contents] = {}
        for change in changes:
            document, origin = change.fact, change.fact.origin
            if not isinstance(document, SessionDocument) or not isinstance(origin, CodeOrigin):
                raise NotEditableError(f"{change.fact.address} is not declared in code")
            key = (origin.file, origin.line)
            already = self._contents.get(key)
            if already is None or change.path not in already.entries:
                entry = {change.path: wiring.value(change.value, document)}
                self._set(document, entry)
                found.setdefault(key, _Contents(document)).entries.update(entry)
            found.setdefault(key, _Contents(document))
        return found

    def _set(
        self, document: SessionDocument, entries: dict[tuple[str, ...], str | bool | int]
    ) -> tuple[ast.SourceFile, list[TextEdit]]:
        file, block = file_of(document, self.file)
        others = [self.file(path) for path in _files_of(document) if path != file.path]
        return set_content(file, block, entries, others)

    def feed(self, passed: PassedValue, find: Callable[[str], tuple[ast.SourceFile, ast.Block]]) -> None:
        """Give the module's call the argument for a new variable of the module. Raises NotEditableError."""
        file, block = find(passed.call)
        edits = set_argument(file.text, block, Argument((passed.variable.name,), passed.value))
        self._take(file.path, edits, set(), Phase.STORES)

    def edits(self) -> list[tuple[Phase, Edit]]:
        """Return one edit for each file, with the phase in which the last of its parts is due."""
        for contents in self._contents.values():
            file, edits = self._set(contents.document, contents.entries)
            self._take(file.path, edits, contents.closes, Phase.PREFERENCES)
        self._contents.clear()
        return [(found.phase, self._edit(path, found)) for path, found in sorted(self._edits.items()) if found.edits]

    def _edit(self, path: str, found: _FileEdits) -> Edit:
        before = self._files[path].text
        after = apply(before, tuple(found.edits))
        return Edit(
            file=path, diff=diff(path, before, after), after=after, before=before, closes=tuple(sorted(found.closes))
        )


def _files_of(document: SessionDocument) -> list[str]:
    """Return the files in which values of the document were read, which may hold its content."""
    values = (document.schema_version, document.session_type, document.idle_session_timeout, document.s3_bucket)
    places = (value.at for value in values)
    return list(dict.fromkeys(at.file for at in places if isinstance(at, CodeOrigin) and at.file.endswith(_CODE)))


_CODE = (".tf", ".tofu")


def _overlap(one: TextEdit, other: TextEdit) -> bool:
    return (one.start < other.end and other.start < one.end) or one.start == other.start < max(one.end, other.end)


def apply(text: str, edits: Sequence[TextEdit]) -> str:
    """Make the edits and set out the touched lines as they were; insertions at one place keep their order."""
    parts: list[str] = []
    touched: set[int] = set()
    at = line = 0
    for edit in sorted(edits, key=lambda each: each.start):
        between = text[at : edit.start]
        line += between.count("\n")
        added = edit.text.count("\n")
        first = line + 1 if edit.text.startswith("\n") else line
        touched |= set(range(first, line + added + 1))
        parts += [between, edit.text]
        line += added
        at = edit.end
    parts.append(text[at:])
    return align("".join(parts), touched)
