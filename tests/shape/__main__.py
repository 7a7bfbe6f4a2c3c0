"""The shape of the code: how far a change spreads, and how many rooms there are.

python -m tests.shape                  # this checkout
python -m tests.shape --where          # and where each figure comes from
"""

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.shape import measures
from tests.shape.code import House, read
from tests.shape.recipes import MOST, recipes


@dataclass(frozen=True, slots=True)
class Figure:
    """What is counted, at most how much of it there should be, and how it is counted: a number and the places."""

    what: str
    aim: int
    count: Callable[[House], tuple[int, Iterable[str]]]


def main(words: Sequence[str]) -> int:
    """Print the figures."""
    parser = argparse.ArgumentParser("python -m tests.shape", description=__doc__)
    parser.add_argument("--where", action="store_true", help="list the places of each figure")
    parser.add_argument("root", nargs="?", type=Path, default=Path(), help="a checkout")
    options = parser.parse_args(words)
    house = read(options.root)
    width = max(len(each.what) for each in FIGURES)
    print(f"{'':2}{'what':{width}}  {'now':>6}  {'aim':>6}")
    for figure in FIGURES:
        number, places = figure.count(house)
        print(f"{' ' if number <= figure.aim else '!'} {figure.what:{width}}  {number:>6}  {figure.aim:>6}")
        if options.where:
            for place in places:
                print(f"      {place}")
    return 0


def _rule_ids(house: House) -> tuple[int, Iterable[str]]:
    found = measures.rule_ids(house)
    found.pop(REMEDY_TABLE, None)
    return sum(found.values()), (f"{number} {file}" for file, number in found.most_common())


def _listed(count: Callable[[House], Sequence[str]]) -> Callable[[House], tuple[int, Iterable[str]]]:
    def counted(house: House) -> tuple[int, Iterable[str]]:
        found = count(house)
        return len(found), found

    return counted


def _matches(house: House) -> tuple[int, Iterable[str]]:
    found = measures.match_functions(house)
    return len(found), (f"{place} ({lines} lines)" for place, lines in found)


def _classes(house: House) -> tuple[int, Iterable[str]]:
    found = measures.repeated_classes(house)
    return len(found), (f"{name}: {', '.join(places)}" for name, places in found.items())


def _circles(house: House) -> tuple[int, Iterable[str]]:
    found = measures.circles(house, "read")
    return len(found), (f"{one} and {other}" for one, other in found)


def _number(count: Callable[[House], int]) -> Callable[[House], tuple[int, Iterable[str]]]:
    return lambda house: (count(house), ())


def _places(title: str) -> Callable[[House], tuple[int, Iterable[str]]]:
    def counted(house: House) -> tuple[int, Iterable[str]]:
        places = recipes(house.root)[title].places
        return len(places), places

    return counted


REMEDY_TABLE = "remediation/remedies.py"
FIGURES = (
    *(
        Figure(f"places of the recipe: {title[0].lower()}{title[1:]}", most, _places(title))
        for title, most in MOST.items()
    ),
    Figure("lists of the kinds of an account, kept by hand", 1, _listed(measures.kind_lists)),
    Figure("ids of rules outside rules, standards and the remedy table", 10, _rule_ids),
    Figure("functions that are one match over the three values", 80, _matches),
    Figure("`Value[Any]` in what reads sources", 100, _number(measures.untyped_values)),
    Figure("facts built from a dictionary of arguments", 0, _listed(measures.untyped_facts)),
    Figure("names of classes that are there twice or more", 5, _classes),
    Figure("files below 90 lines with one importer, in their own folder", 15, _listed(measures.lone_files)),
    Figure("circles between the rooms of `read`", 0, _circles),
    Figure("places where a rule of ruff is switched off", 120, _number(measures.noqas)),
    Figure("files", 350, _number(lambda house: len(house.files))),
    Figure("lines", 50_000, _number(lambda house: sum(file.lines for file in house.files))),
)

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
