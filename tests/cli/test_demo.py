"""The demo as its user runs it: what it says, how long it is, how it ends."""

import re
from pathlib import Path

import pytest

from ssm_hardening.cli.demo import look_for
from ssm_hardening.cli.verify import Tools
from ssm_hardening.report.demo import found_lines
from ssm_hardening.report.style import PLAIN
from tests import tools
from tests.cli.demos import MOST_LINES, WIDTH, printed, shown, state
from tests.cli.running import on_a_terminal, ssm_harden
from tests.verification.registry import answering, point_to


@pytest.mark.terraform
@pytest.mark.checkov
def test_with_every_tool_the_loop_closes_in_two_screens(tmp_path: Path) -> None:
    origin = tools.providers().origin
    ran = on_a_terminal("demo", {"COLUMNS": str(WIDTH), "LINES": "24", "TERM": "xterm"}, cwd=tmp_path)
    lines = shown(ran)
    text = "\n".join(lines)
    assert ran.code == 0, text
    assert state(ran, "terraform").startswith("✓ terraform ")
    assert state(ran, "providers").startswith(f"✓ providers hashicorp/aws {origin}"[: WIDTH - 20])
    assert len(lines) <= MOST_LINES
    assert max(map(len, printed(ran))) <= WIDTH
    assert "Remediation complete: the 10 gaps that the plan fixes are fixed.\n4 gaps must be fixed manually; " in text
    assert re.search(r"before +22 +0 +\d+\n +after +4 +\d+ +\d+", text)
    checked = state(ran, "checkov").startswith("✓")
    assert ("Not checked: checkov" not in text) == checked
    assert list(tmp_path.iterdir()) == []


@pytest.mark.terraform
def test_a_registry_that_answers_is_named_at_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tools.terraform()
    monkeypatch.delenv("SSM_HARDEN_PLUGIN_DIR", raising=False)
    with answering(("5.100.0",)) as (port, calls):
        monkeypatch.setenv("TF_CLI_CONFIG_FILE", str(point_to(port, tmp_path / "cli.tfrc")))
        lines = found_lines(look_for(Tools()), PLAIN)
    assert calls, "the registry was asked"
    assert re.fullmatch(r"  ✓ providers  hashicorp/aws from registry\.(terraform\.io|opentofu\.org)", lines[1])
    assert len(lines) == 3


@pytest.mark.parametrize("option", ["terraform", "checkov", "plugin-dir"])
def test_a_tool_that_was_named_and_is_none_ends_it_at_once(option: str, tmp_path: Path) -> None:
    ran = ssm_harden("demo", f"--{option}", "nowhere", "--keep", "kept", cwd=tmp_path)
    assert (ran.code, ran.out) == (2, "")
    assert f"--{option}: nowhere" in ran.err
    assert not (tmp_path / "kept").exists()
