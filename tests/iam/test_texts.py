import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssm_hardening.core.values import Reference
from ssm_hardening.iam.texts import HOLE, NAME, flat, glob

_PATTERN = st.text(alphabet="ab*?:", max_size=8)
_TEXT = st.text(alphabet="ab:", max_size=8)


@given(_PATTERN, _TEXT)
def test_wildcards_mean_what_they_mean_in_iam(pattern: str, text: str) -> None:
    expression = "".join({"*": ".*", "?": "."}.get(char, re.escape(char)) for char in pattern)
    assert glob(pattern, text) == (re.fullmatch(expression, text, re.DOTALL) is not None)


def test_no_pattern_takes_for_ever() -> None:
    assert not glob("*a" * 2_000 + "b", "a" * 5_000)


@pytest.mark.parametrize(
    ("address", "attribute", "expected"),
    [
        ("random_integer.suffix", "result", NAME),
        ("random_integer.suffix", "id", NAME),
        ("random_integer.suffix", "max", HOLE),
        ("random_pet.suffix", "id", NAME),
        ("random_id.suffix", "hex", NAME),
        ("random_string.suffix", "result", HOLE),
    ],
)
def test_what_a_provider_draws_is_part_of_a_name_where_it_holds_no_wildcard(
    address: str, attribute: str, expected: str
) -> None:
    assert flat(Reference(address, attribute)) == expected
