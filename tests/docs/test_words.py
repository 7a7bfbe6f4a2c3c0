"""What people read is written in plain English: the words of `words` stand nowhere in it."""

import pytest

from tests.docs.words import AREAS, slips

PENDING: set[str] = set(AREAS) - {"report"}
"""Areas that are not rewritten yet."""


@pytest.mark.parametrize("area", sorted(set(AREAS) - PENDING))
def test_no_such_word_stands_in_what_people_read(area: str) -> None:
    found = list(slips(area))

    assert not found, "\n".join(f"{each.place}: {each.found!r}: write {each.instead}" for each in found[:40])
