import re

from hypothesis import given
from hypothesis import strategies as st

from ssm_hardening.iam.texts import glob

_PATTERN = st.text(alphabet="ab*?:", max_size=8)
_TEXT = st.text(alphabet="ab:", max_size=8)


@given(_PATTERN, _TEXT)
def test_wildcards_mean_what_they_mean_in_iam(pattern: str, text: str) -> None:
    expression = "".join({"*": ".*", "?": "."}.get(char, re.escape(char)) for char in pattern)
    assert glob(pattern, text) == (re.fullmatch(expression, text, re.DOTALL) is not None)


def test_no_pattern_takes_for_ever() -> None:
    assert not glob("*a" * 2_000 + "b", "a" * 5_000)
