"""The access view as a table and as JSON; `SSM_HARDEN_GOLDEN=write pytest tests/report` writes the tables anew."""

import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import ssm_hardening
from ssm_hardening.access.view import AccessView, access_view
from ssm_hardening.core.values import Inventory
from ssm_hardening.report.access_json import render_access_json
from ssm_hardening.report.access_table import render_access, render_access_screen
from ssm_hardening.report.style import Style, breadth
from tests.access.samples import granting, node, operators, role
from tests.rules.builders import gap

GOLDEN = Path(__file__).parent / "golden"
SCHEMA = Path(ssm_hardening.__file__).parent / "schemas" / "access-1.schema.json"


def views() -> tuple[AccessView, ...]:
    """Return the five operators, and an account of which little is known."""
    half = role("half-read", granting("Read", ["ssm:Describe*"], ["*"]), statements=Inventory((), gap()))
    unread = operators(
        source="terraform", root="infra", roles=Inventory((half,), gap("the module iam is not vendored")), users=[]
    )
    return access_view(operators()), access_view(unread)


@pytest.mark.parametrize(
    ("name", "render", "style"),
    [
        ("access.txt", render_access, Style()),
        ("access.wide.ansi", render_access, Style(colour=True, width=120)),
        ("access.ascii.txt", render_access, Style(unicode=False, width=60)),
        ("access.screen.80.txt", render_access_screen, Style(width=80)),
        ("access.screen.120.txt", render_access_screen, Style(width=120)),
    ],
)
def test_the_table_looks_as_it_did(
    name: str, render: Callable[[Sequence[AccessView], Style], str], style: Style
) -> None:
    text = render(views(), style)
    path = GOLDEN / name
    if os.environ.get("SSM_HARDEN_GOLDEN") == "write":
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("render", [render_access, render_access_screen])
def test_views_of_one_root_module_are_told_apart_by_account_and_region(
    render: Callable[[Sequence[AccessView], Style], str],
) -> None:
    regions = ("eu-central-1", "us-east-1")
    several = [access_view(operators(source="terraform", root="infra", region=each)) for each in regions]
    text = render(several, Style())
    assert all(f"infra (111122223333 {region})" in text for region in regions)
    assert "infra (" not in render(several[:1], Style())


def test_every_line_of_the_matrix_fits() -> None:
    lines = render_access(views()[:1], Style(width=100)).splitlines()
    assert max(map(breadth, lines)) <= 100


def test_the_json_is_what_its_schema_says() -> None:
    told = json.loads(render_access_json(views(), Style()))
    jsonschema.validate(told, json.loads(SCHEMA.read_text()))
    assert told["accounts"][0]["people"][0]["person"] == "user 5-administrator"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda told: told["accounts"][0].pop("people"),
        lambda told: told["accounts"][0]["people"][0]["answers"].pop("nodes"),
        lambda told: told["accounts"][0]["people"][0]["answers"]["nodes"].update(answer="perhaps"),
    ],
)
def test_the_schema_refuses_what_is_none(spoil: Callable[[Any], object]) -> None:
    told = json.loads(render_access_json(views(), Style()))
    spoil(told)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(told, json.loads(SCHEMA.read_text()))


def test_names_of_others_do_no_harm_to_the_terminal() -> None:
    evil = node("\x1b[2Jweb", "i-0aaaaaaaaaaaaaaa1")
    text = render_access([access_view(operators(instances=[evil]))], Style())
    assert "\x1b" not in text
    assert "\\x1b[2Jweb" in text
