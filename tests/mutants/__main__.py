"""Mutation testing: makes small changes to the code and lists those that no test detects.

    python -m tests.mutants --seed 1 --count 50 --out before.jsonl -- python -m pytest -x -q tests/rules
    python -m tests.mutants compare before.jsonl after.jsonl

`--like before.jsonl` tests the mutants of an earlier run again, except those whose function has changed since.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.mutants.making import mutants, sample
from tests.mutants.running import results, runner

_PATHS = [Path("ssm_hardening", name) for name in ("rules", "iam", "remediation")]


def main(words: Sequence[str]) -> int:
    """Test mutants, or compare two runs; 1 where a mutant that was killed before survives now."""
    if words[:1] == ["compare"]:
        return _compare(*map(Path, words[1:]))
    cut = words.index("--") if "--" in words else len(words)
    parser = _options()
    options = parser.parse_args(words[:cut])
    if options.out and options.out.exists():
        parser.error(f"{options.out} already exists")
    if not words[cut + 1 :]:
        parser.error("the test command is missing")
    _run(options, words[cut + 1 :])
    return 0


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m tests.mutants", usage="%(prog)s [options] -- COMMAND …")
    parser.add_argument("--seed", type=int, default=1, help="selects the sample")
    parser.add_argument("--count", type=int, default=50, help="number of mutants")
    parser.add_argument("--paths", type=Path, nargs="+", default=_PATHS, help="files and folders to mutate")
    parser.add_argument("--like", type=Path, help="test the mutants of this results file instead of a sample")
    parser.add_argument("--timeout", type=float, help="seconds for each mutant; a timeout counts as killed")
    parser.add_argument("--jobs", type=int, default=1, help="mutants tested at the same time")
    parser.add_argument("--out", type=Path, help="new results file, one JSON object per line")
    return parser


def _run(options: argparse.Namespace, command: Sequence[str]) -> None:
    top = Path.cwd()
    found = list(mutants(top, [top / path for path in options.paths]))
    if options.like:
        wanted = results(options.like)
        picked = [mutant for mutant in found if mutant.id in wanted]
        _say(f"{len(picked)} of {len(wanted)} mutants exist")
    else:
        picked = sample(top, found, options.seed, options.count)
    survivors = 0
    with runner(top, command, options.timeout) as tests:
        for result in tests.test_all(picked, options.jobs, options.out):
            survivors += result.outcome == "survived"
            _say(str(result))
    _say(f"{len(picked)} of {len(found)} mutants tested: {len(picked) - survivors} killed, {survivors} survived")


def _compare(before: Path, after: Path) -> int:
    old, new = results(before), results(after)
    killed = [result.id for result in old.values() if result.outcome == "killed"]
    again = [new[name] for name in killed if name in new]
    surviving = [result for result in again if result.outcome == "survived"]
    for result in surviving:
        _say(f"{result}; before: {old[result.id].by}")
    counts = f"{len(again) - len(surviving)} killed, {len(surviving)} survived, {len(killed) - len(again)} not tested"
    _say(f"of {len(killed)} mutants killed before: {counts}")
    return 1 if surviving else 0


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
