"""A run tells what it skipped and why, and a skip for want of something that is here fails."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import skips
from tests.skips import counted, groundless

HERE = Path(__file__).parents[1]
SKIPPING = """\
import pytest

@pytest.mark.parametrize("number", [1, 2])
def test_lacking(number):
    pytest.skip("no such weather")

def test_checkov():
    pytest.skip("checkov is not on PATH and SSM_HARDEN_CHECKOV names none")
"""


def test_reasons_are_counted() -> None:
    assert counted(["Skipped: b", "a", "Skipped: a"]) == ["2 skipped: a", "1 skipped: b"]


@pytest.mark.parametrize(
    ("reason", "lacks"),
    [
        ("Skipped: neither terraform nor tofu is on PATH", "terraform"),
        ("terraform is not on PATH", "terraform"),
        ("checkov was not found (SSM_HARDEN_CHECKOV)", "checkov"),
        ("no checkov: SSM_HARDEN_CHECKOV is not set", "checkov"),
        ("chromium is not on PATH", "chromium"),
        ("root filesystems need root", "root"),
        ("only root gives files to others", "root"),
    ],
)
def test_what_is_lacking_is_told_by_the_reason(reason: str, lacks: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(skips, "CURES", {name: (pattern, lambda: True) for name, (pattern, _) in skips.CURES.items()})
    assert groundless(reason) == lacks


@pytest.mark.parametrize("reason", ["root reads everything", "root may write anywhere", "git is not on PATH"])
def test_other_reasons_stand(reason: str) -> None:
    assert groundless(reason) is None


@pytest.mark.parametrize("checkov", ["", "checkov"])
def test_a_run_tells_its_skips(checkov: str, tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(SKIPPING)
    environment = {**os.environ, "PYTHONPATH": str(HERE), "SSM_HARDEN_CHECKOV": checkov, "PATH": str(tmp_path)}
    command = [sys.executable, "-m", "pytest", "-p", "tests.skips", "-p", "no:cacheprovider", str(tmp_path)]
    ran = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert "2 skipped: no such weather" in ran.stdout
    assert ("skipped although checkov is here" in ran.stdout) == (ran.returncode == 1) == bool(checkov)
