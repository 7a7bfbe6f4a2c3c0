"""Prints one configuration: `python -m tests.constructed 47` its code, and what was found that should not be."""

import sys
import tempfile
from pathlib import Path

from tests.constructed.families import everything


def main(number: int) -> None:
    """Print the configuration of this number."""
    family, case = everything()[number]
    for path, content in family.files(case).items():
        sys.stdout.write(f"### {path}\n\n{content.decode(errors='replace')}\n")
    with tempfile.TemporaryDirectory() as scratch:
        for each in family.judged(case, Path(scratch)).outcomes:
            asked = each.expected
            right = " or ".join(sorted(asked.verdicts))
            sys.stdout.write(f"{asked.rule:8} {asked.subject} {asked.region}: {right}  {each.wrong}\n")


main(int(sys.argv[1]))
