"""What is recorded: every fixture, example, plan, parity root, evidence of a node, and simulated account.

A subject's name is the same wherever its file lies. `given` puts it into a folder, and says how a user would name it.
"""

import gzip
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from itertools import chain
from pathlib import Path

from tests.recorder import accounts
from tests.recorder.plans import PLANS
from tests.recorder.served import REGION

STANDARDS = ("strict", "transcript-only")
"""Beside baseline, under which everything is judged."""

_BUCKET = f"session-manager-demo-123456789012-{REGION}"
_NODES = ("session-manager-linux-prod", "session-manager-windows-prod")


class Kind(StrEnum):
    """What a subject is read from."""

    CODE = "code"
    ACCOUNT = "account"
    PLAN = "plan"
    EVIDENCE = "evidence"
    LIVE = "live"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Something to record. `place` is its file or folder, for a live account its seed's name.

    `inside`: nodes of the live account are looked into first. `beside`: code that is read together with it.
    `tables`: what people read is recorded, too.
    """

    name: str
    kind: Kind
    place: Path
    standard: str = "baseline"
    tables: bool = False
    inside: bool = False
    beside: Path | None = None
    variables: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """How a user names a subject on the command line; `code` is the folder of code that it is or has beside it.

    `before` is a command that makes what the others read.
    """

    source: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    code: str = ""
    before: tuple[str, ...] = ()


def subjects(root: Path, only: tuple[str, ...] = ()) -> tuple[Subject, ...]:
    """Return all subjects of a working tree in order of name, or those whose names match one of the patterns."""
    found = sorted(chain(_live(root), _examples(root), _rules(root), _code(root), _plans(), _evidence(root)), key=_name)
    return tuple(each for each in found if is_wanted(each.name, only))


def is_wanted(name: str, only: tuple[str, ...]) -> bool:
    """Say whether a name matches one of the patterns, or there are none."""
    return not only or any(fnmatchcase(name, pattern) for pattern in only)


def _name(subject: Subject) -> str:
    return subject.name


def _rules(root: Path) -> Iterator[Subject]:
    for folder in sorted((root / "tests" / "rules").glob("*-*/")):
        name = f"rules/{folder.name}"
        for path in folder.glob("*.tf"):
            yield Subject(name=f"{name}/code/{path.stem}", kind=Kind.CODE, place=path)
        for stem, place in accounts.places(folder):
            yield Subject(name=f"{name}/account/{stem}", kind=Kind.ACCOUNT, place=place)


def _examples(root: Path) -> Iterator[Subject]:
    for folder in _folders(root / "examples"):
        name = f"examples/{folder.name}"
        yield Subject(name=name, kind=Kind.CODE, place=folder, tables=True)
        for standard in STANDARDS:
            yield Subject(name=f"{name}@{standard}", kind=Kind.CODE, place=folder, standard=standard)


def _code(root: Path) -> Iterator[Subject]:
    tests = root / "tests"
    for kind, folder in (
        ("parity", tests / "parity"),
        ("modules", root / "modules"),
        ("code", tests / "read" / "code" / "fixtures"),
        ("applied", tests / "modules" / "data"),
        ("sandbox", tests / "sandbox" / "data"),
    ):
        for each in _folders(folder):
            values = ("--var-file", "code/values.tfvars") if (each / "values.tfvars").is_file() else ()
            yield Subject(name=f"{kind}/{each.name}", kind=Kind.CODE, place=each, variables=values)


def _folders(folder: Path) -> Iterator[Path]:
    return (each for each in sorted(folder.glob("*/")) if not each.name.startswith((".", "_")))


def _plans() -> Iterator[Subject]:
    for path in PLANS.glob("*.json.gz"):
        yield Subject(name=f"plans/{path.name.removesuffix('.json.gz')}", kind=Kind.PLAN, place=path)


def _evidence(root: Path) -> Iterator[Subject]:
    for path in (root / "tests" / "hosts" / "evidence").glob("*.json"):
        yield Subject(name=f"evidence/{path.stem}", kind=Kind.EVIDENCE, place=path)


def _live(root: Path) -> Iterator[Subject]:
    seed, kind = Path("walkthrough"), Kind.LIVE
    yield Subject(name="live/walkthrough", kind=kind, place=seed, inside=True, tables=True)
    yield Subject(name="live/walkthrough@strict", kind=kind, place=seed, inside=True, standard="strict")
    yield Subject(name="live/beside-code", kind=kind, place=seed, beside=root / "examples" / "careless", tables=True)
    yield Subject(name="live/empty", kind=kind, place=Path("empty"))


def given(subject: Subject, folder: Path) -> Given:
    """Put a subject into a folder, and say how it is named from there."""
    match subject.kind:
        case Kind.CODE:
            _copy(subject.place, folder / "code")
            return Given(source=("code", *subject.variables), code="code")
        case Kind.ACCOUNT:
            (folder / "account.json").write_text(accounts.account(subject.place), encoding="utf-8")
            return Given(source=("--snapshot", "account.json"))
        case Kind.PLAN:
            (folder / "plan.json").write_bytes(gzip.decompress(subject.place.read_bytes()))
            return Given(source=("--plan-json", "plan.json"))
        case Kind.EVIDENCE:
            shutil.copy(subject.place, folder / "node.json")
            return Given(evidence=("--evidence", "node.json"))
        case Kind.LIVE:
            return _given_live(subject, folder)


def _copy(place: Path, code: Path) -> None:
    """Copy a folder of code; a fixture of a rule is its `main.tf`."""
    if place.is_dir():
        shutil.copytree(place, code, ignore=shutil.ignore_patterns(".*", "__pycache__"))
    else:
        code.mkdir()
        (code / "main.tf").write_text(accounts.code(place), encoding="utf-8")


def _given_live(subject: Subject, folder: Path) -> Given:
    live = ("--live", "--region", REGION, "--log-bucket", _BUCKET)
    if subject.beside is not None:
        _copy(subject.beside, folder / "code")
        return Given(source=("code", *live, "--quiet"), code="code")
    if not subject.inside:
        return Given(source=(*live, "--quiet"))
    targets = [word for name in _NODES for word in ("--target", f"tag:Name={name}")]
    before = ("host", "run", *live[:3], *targets, "--run-as", "session-operator", "--out", "inside", "--yes", "--quiet")
    return Given(source=(*live, "--quiet"), evidence=("--evidence", "inside"), before=before)
