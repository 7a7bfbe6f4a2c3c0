"""Records what the tool says of everything that the tests know, so that a change can show it changed nothing.

    python -m tests.recorder record             write the committed manifest anew
    python -m tests.recorder record --out DIR   write everything that was said and generated into DIR
    python -m tests.recorder check              compare with the committed manifest
    python -m tests.recorder diff REV           show what is not as in a revision
    python -m tests.recorder compare A B        show what differs between two recorded folders
    python -m tests.recorder plans              make the plans anew that are recorded (see plans.py)

`--only PATTERN` keeps to subjects by name, as in `--only 'examples/*'`. `diff` and `compare` take `--verdicts`: facts,
verdicts, answers and exit codes are compared then, and the words about them are not.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.recorder import manifest, plans, product, recording, revisions
from tests.recorder.differences import differences
from tests.recorder.facts import Seen, changed_facts
from tests.recorder.subjects import is_wanted, subjects

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
RECORDED = HERE / "recorded.txt"
_MOST = 40
"""Subjects that are named one by one."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one of the commands; returns the exit code: 0 nothing differs, 1 something does, 2 it could not be told."""
    options = _parser().parse_args(arguments)
    try:
        code: int = options.command(options)
    except manifest.RecorderError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        # The reader went away (`| head`); only differences are that long.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.recorder", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(required=True)
    names = ("record", "check", "diff", "compare", "plans")
    record, check, diff, compare, make = (commands.add_parser(name) for name in names)
    for each in (record, check, diff):
        each.add_argument("--only", action="append", default=[], metavar="PATTERN", help="subjects by name; repeatable")
        each.add_argument("--jobs", type=int, default=2, metavar="N", help="processes; 1: this one")
        each.add_argument("--root", type=Path, default=ROOT, metavar="DIR", help="the working tree that is recorded")
    record.add_argument("--out", type=Path, metavar="DIR", help="keep everything in this new folder")
    check.add_argument("--out", type=Path, metavar="DIR", help="keep everything in this new folder")
    for each in (record, check):
        each.add_argument(
            "--manifest", type=Path, default=RECORDED, metavar="FILE", help="instead of the committed one"
        )
    diff.add_argument("revision", metavar="REV")
    compare.add_argument("before", type=Path, metavar="A")
    compare.add_argument("after", type=Path, metavar="B")
    for each in (diff, compare):
        each.add_argument(
            "--verdicts", action="store_true", help="compare facts and verdicts, not the words about them"
        )
    for each, command in ((record, _record), (check, _check), (diff, _diff), (compare, _compare), (make, _plans)):
        each.set_defaults(command=command)
    return parser


def _record(options: argparse.Namespace) -> int:
    if options.out is not None:
        _recorded(options, options.out)
        return 0
    with tempfile.TemporaryDirectory() as name:
        found = _recorded(options, Path(name) / "recorded")
    only = tuple(options.only)
    before = manifest.read(options.manifest) if only else {}
    kept = {name: line for name, line in before.items() if not is_wanted(name, only)}
    manifest.write(options.manifest, dict(sorted({**kept, **found}.items())))
    return 0


def _recorded(options: argparse.Namespace, out: Path) -> manifest.Manifest:
    root = options.root.resolve()
    if out.exists():
        raise manifest.RecorderError(f"{out} is there already: name a new folder")
    if not product.home().is_relative_to(root):
        raise manifest.RecorderError(f"the code of {root} is to be recorded, not that of {product.home()}")
    chosen = subjects(root, tuple(options.only))
    if not chosen:
        raise manifest.RecorderError(f"no subject is called so: {', '.join(options.only)}")
    return recording.record(chosen, out, jobs=options.jobs, told=_progress)


def _progress(done: int, of: int) -> None:
    """Count on one line of a terminal; elsewhere now and then."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K  recorded {done} of {of}", end="\n" if done == of else "", file=sys.stderr, flush=True)
    elif done % 100 == 0 or done == of:
        print(f"  recorded {done} of {of}", file=sys.stderr, flush=True)


def _check(options: argparse.Namespace) -> int:
    only = tuple(options.only)
    before = {name: line for name, line in manifest.read(options.manifest).items() if is_wanted(name, only)}
    with tempfile.TemporaryDirectory() as name:
        after = _recorded(options, options.out or Path(name) / "recorded")
    found = list(manifest.changes(before, after))
    if not found:
        print(f"as recorded: {len(after)} subjects, {sum(map(len, after.values()))} artifacts")
        return 0
    print("\n".join(found[:_MOST]))
    if len(found) > _MOST:
        print(f"… and {len(found) - _MOST} more")
    print(f"\n{len(found)} of {len(after)} subjects are not as recorded in {options.manifest.name}.")
    print(_advice(options, manifest.changed(before, after)))
    return 1


def _advice(options: argparse.Namespace, names: Sequence[str]) -> str:
    revision = revisions.last_recorded(options.root, options.manifest) or "REV"
    few = "".join(f" --only '{name}'" for name in names[:3]) if len(names) <= _MOST else ""
    return (
        f"See how: python -m tests.recorder diff {revision}{few}\n"
        "Where it is meant: make record, and commit what it wrote; CHANGELOG.md says why."
    )


def _diff(options: argparse.Namespace) -> int:
    more = [word for pattern in options.only for word in ("--only", pattern)] + ["--jobs", str(options.jobs)]
    with tempfile.TemporaryDirectory(prefix="recorder-") as name:
        scratch = Path(name).resolve()
        with revisions.checked_out(options.root, options.revision, scratch) as tree:
            revisions.record_there(tree, scratch, scratch / "then", more)
        revisions.record_there(options.root.resolve(), scratch, scratch / "now", more)
        return _shown(options, scratch / "then", scratch / "now")


def _compare(options: argparse.Namespace) -> int:
    return _shown(options, options.before, options.after)


def _plans(_: argparse.Namespace) -> int:
    plans.make(ROOT / "tests" / "parity")
    return 0


def _shown(options: argparse.Namespace, before: Path, after: Path) -> int:
    seen = Seen()
    found = False
    for line in changed_facts(before, after, seen) if options.verdicts else differences(before, after):
        print(line)
        found = True
    for what, count in sorted(seen.items()):
        print(f"{count:6} {what}")
    return int(found)


if __name__ == "__main__":
    sys.exit(main())
