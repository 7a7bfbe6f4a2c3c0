"""Runs every command on every subject, and keeps all that comes of it as files.

A subject's folder then holds `audit.json`, `inspect.json`, `access.json`, `check.json`, what `generate` said and wrote
(`generate.txt`, `generated/`; for `--into`: `into.txt`, `added/`), `messages.txt` (stderr) and `exits.json`.
"""

import json
import multiprocessing
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from tests.recorder import product, world
from tests.recorder.manifest import EXITS, Manifest, line_of, write
from tests.recorder.served import served
from tests.recorder.subjects import Given, Kind, Subject, given

Told = Callable[[int, int], None]
_GENERATED, _CODE, _MESSAGES = "generated", "code", "messages.txt"
_WRAPPED = ".txt"
"""Reports for people: their lines end where the text before them does, so no part of them can be exchanged."""

_FOLDER = b"/subject"
"""Stands for the folder that a subject was put into, where a message says of one that is not there where it would be.

This is all that is exchanged in what was recorded; see `world` for what makes more needless.
"""


def record(subjects: Sequence[Subject], out: Path, *, jobs: int, told: Told) -> Manifest:
    """Record the subjects into a new folder, which gets the manifest, too; with one job all in this process."""
    out.mkdir(parents=True)
    lines = {}
    work = [(subject, out.resolve()) for subject in sorted(subjects, key=_slow_first)]
    with tempfile.TemporaryDirectory(prefix="recorder-") as name:
        scratch = Path(name).resolve()
        for number, (subject, line) in enumerate(_recorded(work, scratch, jobs), start=1):
            lines[subject] = line
            told(number, len(work))
    manifest = dict(sorted(lines.items()))
    write(out / "recorded.txt", manifest)
    return manifest


def _slow_first(subject: Subject) -> tuple[bool, str]:
    return subject.kind is not Kind.LIVE, subject.name


def _recorded(work: Sequence[tuple[Subject, Path]], scratch: Path, jobs: int) -> Iterator[tuple[str, dict[str, str]]]:
    if jobs == 1:
        with world.stopped(scratch / "0"):
            yield from (_record(each) for each in work)
        return
    # Fresh processes: what this one has imported or opened is none of theirs.
    with multiprocessing.get_context("spawn").Pool(jobs, _begin, (scratch,)) as pool:
        yield from pool.imap_unordered(_record, work, chunksize=1)


_world = ExitStack()
"""A worker's world, which it keeps as long as it lives."""


def _begin(scratch: Path) -> None:
    _world.enter_context(world.stopped(scratch / str(multiprocessing.current_process().pid)))


def _record(work: tuple[Subject, Path]) -> tuple[str, dict[str, str]]:
    subject, out = work
    target = out / subject.name
    target.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        (folder / ".git").mkdir()
        if subject.kind is Kind.LIVE:
            stack.enter_context(served(str(subject.place)))
        return subject.name, _Recording(subject, folder, target).run()


class _Recording:
    """One subject, put into a folder, and what the commands say of it there."""

    def __init__(self, subject: Subject, folder: Path, target: Path) -> None:
        self._folder, self._target = folder, target
        self._subject = subject
        self._exits: dict[str, int] = {}
        self._messages: list[bytes] = []
        self._written: list[str] = []

    def run(self) -> dict[str, str]:
        subject, named = self._subject, given(self._subject, self._folder)
        if named.before:
            self._keep("before.txt", *named.before)
        everything = (*named.source, *named.evidence)
        judged = (*everything, "--standard", subject.standard)
        self._report("audit", "plan", *judged)
        if subject.standard == "baseline":
            self._report("inspect", "inspect", *everything)
            if named.source:
                self._report("access", "access", *named.source)
        self._generate(judged)
        if named.code:
            self._with_code(named, judged)
        if self._messages:
            self._write(_MESSAGES, b"".join(self._messages))
        self._write(EXITS, (json.dumps(self._exits, indent=1) + "\n").encode())
        return line_of(self._target, self._written)

    def _report(self, artifact: str, *arguments: str) -> None:
        self._keep(f"{artifact}.json", *arguments, "--format", "json")
        if self._subject.tables:
            self._keep(f"{artifact}.txt", *arguments)

    def _generate(self, judged: Sequence[str]) -> None:
        self._keep("generate.txt", "generate", *judged, "--out", _GENERATED)
        self._write_all(_GENERATED, _contents(self._folder / _GENERATED))

    def _with_code(self, named: Given, judged: Sequence[str]) -> None:
        """Record what concerns code alone; what `--into` writes stands beside it, so that comes last."""
        before = _contents(self._folder / _CODE)
        if self._subject.kind is Kind.CODE:
            variables = self._subject.variables
            self._keep("check.json", "check", named.code, *variables, *judged[-2:], "--format", "json")
        self._keep("into.txt", "generate", *judged, "--into", named.code)
        after = _contents(self._folder / _CODE)
        self._write_all("added", {name: text for name, text in after.items() if text != before.get(name)})

    def _keep(self, artifact: str, *arguments: str) -> None:
        ran = world.run(arguments, self._folder)
        self._exits[artifact] = ran.code
        self._write(artifact, ran.out)
        if ran.err:
            self._messages.append(f"ssm-harden {' '.join(arguments)}\n".encode() + ran.err)

    def _write_all(self, artifact: str, contents: Mapping[str, bytes]) -> None:
        for name, content in contents.items():
            place = self._target / artifact / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(self._without_folder(artifact, content))
        self._written += [artifact] if contents else []

    def _write(self, artifact: str, content: bytes) -> None:
        (self._target / artifact).write_bytes(self._without_folder(artifact, content))
        self._written.append(artifact)

    def _without_folder(self, artifact: str, content: bytes) -> bytes:
        """Return a text that names no folder of this machine. Raises ValueError where that cannot be had."""
        if not artifact.endswith(_WRAPPED) or artifact == _MESSAGES:
            content = content.replace(str(self._folder).encode(), _FOLDER)
        for place in (self._folder.parents[1], product.home()):
            if str(place).encode() in content:
                raise ValueError(f"{self._subject.name}: {artifact} names a folder of this machine, {place}")
        return content


def _contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
