"""The five recipes of CONTRIBUTING: the files and tables that they name are there, and hold what there is today."""

import ast
import re
from pathlib import Path

import pytest

from ssm_hardening.remediation.remedies import TABLE
from ssm_hardening.report import formats
from ssm_hardening.report.formats import Formats
from ssm_hardening.rules.catalogue import load_rules
from tests.rules.fixtures import ONLY_WONDERS
from tests.shape.recipes import MOST, recipes

TOP = Path(__file__).resolve().parents[2]
_PATH = re.compile(r"`((?:ssm_hardening|tests|docs|modules|rules|verdicts)/[^`\s]*|[A-Z]+\.md)`")


def there(place: str) -> list[Path]:
    """Return what a place stands for, which may have a `<name>` in it, or be told from within the package."""
    pattern = re.sub(r"<\w+>", "*", place.rstrip("/"))
    return [*TOP.glob(pattern), *(TOP / "ssm_hardening").glob(pattern)]


@pytest.mark.parametrize("title", MOST)
def test_a_recipe_names_few_places_and_all_of_them_are_there(title: str) -> None:
    recipe = recipes(TOP)[title]
    assert 2 <= len(recipe.places) <= MOST[title]
    assert [place for place in _PATH.findall(recipe.text) if not there(place)] == []
    for place, tables in recipe.places.items():
        for table in tables:
            assert table in assigned(there(place)[0]), f"{place} has no table {table}"


def assigned(file: Path) -> set[str]:
    """Return the names that a module assigns."""
    names: set[str] = set()
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                names.add(name)
            case _:
                continue
    return names


def test_there_are_no_other_recipes() -> None:
    assert set(recipes(TOP)) == set(MOST)


def test_each_rule_stands_where_its_recipe_says() -> None:
    rows = {each.rule for each in TABLE}
    for rule in load_rules():
        identifier = rule.info.id
        stem = "unknown" if identifier in ONLY_WONDERS else "fail"
        assert list(TOP.glob(f"tests/rules/{identifier}/{stem}*")), identifier
        assert identifier in rows
        assert (TOP / "docs" / "rules" / f"{identifier}.md").is_file()
        source = Path(rule.judge.__code__.co_filename)
        assert source.parent.parent == TOP / "ssm_hardening" / "rules"


def test_each_format_is_a_file_with_a_renderer() -> None:
    tables = [each for each in vars(formats).values() if isinstance(each, Formats)]
    assert len(tables) >= 6
    for table in tables:
        for word in table.words:
            renderer = table.renderer(word)
            assert there(f"ssm_hardening/report/{renderer.__module__.rpartition('.')[2]}.py")


def test_each_module_has_its_files_and_a_row() -> None:
    rows = {each.module for each in TABLE}
    for module in (TOP / "modules").iterdir():
        files = {path.relative_to(module).as_posix() for path in module.rglob("*")}
        assert {"main.tf", "variables.tf", "outputs.tf", "versions.tf", "README.md", "examples/basic/main.tf"} <= files
        assert any(file.endswith(".tftest.hcl") for file in files)
        assert module.name in rows or module.name == "auditor-role", f"no rule is closed by {module.name}"
