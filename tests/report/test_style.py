import io

import pytest

from ssm_hardening.report.style import Style, Tone, style_for


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def __init__(self, encoding: str = "utf-8") -> None:
        super().__init__()
        self._named = encoding

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self._named

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("environ", "colour"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), ({"TERM": "dumb"}, False)],
)
def test_colour_is_for_terminals_that_want_it(environ: dict[str, str], colour: bool) -> None:  # noqa: FBT001 - a parameter
    assert style_for(Terminal(), environ).colour is colour


def test_a_pipe_gets_plain_text() -> None:
    style = style_for(io.StringIO(), {})
    assert not style.colour
    assert style.width == 100


@pytest.mark.parametrize(("encoding", "shown"), [("utf-8", True), ("UTF8", True), ("latin-1", False), ("ascii", False)])
def test_symbols_are_for_encodings_that_have_them(encoding: str, shown: bool) -> None:  # noqa: FBT001 - a parameter
    assert style_for(Terminal(encoding), {}).unicode is shown


@pytest.mark.parametrize(("columns", "width"), [("20", 40), ("90", 90), ("400", 160)])
def test_the_width_is_the_terminals_within_reason(monkeypatch: pytest.MonkeyPatch, columns: str, width: int) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    assert style_for(Terminal(), {}).width == width


@pytest.mark.parametrize(
    ("columns", "width"), [("20", 40), ("72", 72), ("400", 160), ("", 100), ("0", 100), ("wide", 100)]
)
def test_a_pipe_has_the_width_of_columns_too(columns: str, width: int) -> None:
    assert style_for(io.StringIO(), {"COLUMNS": columns}).width == width


def test_paint_dresses_clean_text_only() -> None:
    assert Style(colour=True).paint("a\x1bb", Tone.RED) == "\x1b[31ma\\x1bb\x1b[0m"
    assert Style().paint("a", Tone.RED) == "a"


def test_ascii_has_its_own_symbols() -> None:
    assert Style(unicode=False).finish(["✓ a … é"]) == "v a ... \\xe9\n"
