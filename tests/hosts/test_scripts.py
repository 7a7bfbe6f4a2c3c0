"""The probes as they are handed out: the right one, with the right users, and nothing else changed."""

from pathlib import Path

import pytest

from ssm_hardening.core.errors import SsmHardenError, UsageError
from ssm_hardening.read.hosts import scripts
from ssm_hardening.read.hosts.scripts import PLATFORMS, script

LINES = {
    "linux": ("SSM_HARDEN_USERS='ssm-user'", "SSM_HARDEN_USERS='ssm-user appuser _x-1'"),
    "macos": ("SSM_HARDEN_USERS='ssm-user'", "SSM_HARDEN_USERS='ssm-user appuser _x-1'"),
    "windows": ("$SsmHardenUsers = @('ssm-user')", "$SsmHardenUsers = @('ssm-user', 'appuser', '_x-1')"),
}


@pytest.mark.parametrize("platform", PLATFORMS)
def test_only_the_line_of_users_differs(platform: str) -> None:
    before, after = script(platform).splitlines(), script(platform, ("appuser", "_x-1", "appuser")).splitlines()
    changed = [pair for pair in zip(before, after, strict=True) if pair[0] != pair[1]]
    assert changed == [LINES[platform]]


def test_a_name_twice_is_one_user() -> None:
    assert script("linux", ("ssm-user",)) == script("linux")


@pytest.mark.parametrize(
    "name", ["", "Root", "a b", "a'b", "$(id)", "1a", "-x", "x" * 33, "a\n", "ü", "a;b", "a.b", "..", "a\\"]
)
@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_name_that_a_shell_might_take_for_more_is_refused(platform: str, name: str) -> None:
    with pytest.raises(UsageError, match="is not a valid OS user name"):
        script(platform, (name,))


def test_a_platform_without_a_probe_is_refused() -> None:
    with pytest.raises(UsageError, match="there is no probe for the platform 'plan9'"):
        script("plan9")


@pytest.mark.parametrize(
    "text", ["", "SSM_HARDEN_USERS='x'\n", "#\nSSM_HARDEN_USERS='ssm-user'\n\nSSM_HARDEN_USERS='ssm-user'\n"]
)
def test_a_probe_that_was_tampered_with_is_refused(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "linux.sh").write_text(text)
    monkeypatch.setattr(scripts, "_PROBES", tmp_path)
    with pytest.raises(SsmHardenError, match="is damaged"):
        script("linux")


def test_an_incomplete_installation_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scripts, "_PROBES", tmp_path)
    with pytest.raises(SsmHardenError, match=r"is missing its probe linux\.sh"):
        script("linux")
