"""Pages that are made from the code are those in the tree, and links inside the repository lead somewhere."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from docs import generate

TOP = Path(__file__).resolve().parents[2]
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_CODE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def made() -> dict[Path, str]:
    """Every page that is made from the code, with its text."""
    return generate.pages()


def test_generated_pages_are_those_in_the_tree(made: dict[Path, str]) -> None:
    assert len(made) > 30
    stale = [
        path.relative_to(TOP).as_posix()
        for path, text in made.items()
        if not path.is_file() or path.read_text(encoding="utf-8") != text
    ]
    assert not stale, f"run `make docs` and commit what it writes: {', '.join(stale)}"


def test_no_page_is_left_of_a_rule_that_is_gone(made: dict[Path, str]) -> None:
    of_rules = {path for path in made if path.parent.name == "rules"}
    assert set((TOP / "docs" / "rules").glob("*.md")) == of_rules


def pages() -> Iterator[Path]:
    yield from TOP.glob("*.md")
    for folder in ("docs", "modules", "examples"):
        yield from (path for path in (TOP / folder).rglob("*.md") if ".terraform" not in path.parts)


@pytest.mark.parametrize("page", sorted(pages()), ids=lambda page: page.relative_to(TOP).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    text = _CODE.sub("", page.read_text(encoding="utf-8"))
    targets = [
        target for target in _LINK.findall(text) if not target.startswith(("https://", "http://", "mailto:", "#"))
    ]
    assert not [target for target in targets if not (page.parent / target.partition("#")[0]).exists()]
