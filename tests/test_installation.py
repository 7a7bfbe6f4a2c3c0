"""Hints name what this user has: the copy, the programs, and no name on an index that anybody may claim."""

import importlib.metadata
import json
import re
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ssm_hardening.core import installation
from ssm_hardening.core.installation import install_extra, reinstall, replace_hcl2

REQUIRES = [
    "python-hcl2<9,>=8.1.4",
    "moto<6,>=5.2.5; extra == 'sandbox'",
    'flask>=3.0 ; extra == "sandbox"',
    "distributed>=2024.8; extra == 'dask'",
]
PYTHON = shlex.quote(sys.executable)

Installed = Callable[..., None]


class Distribution:
    def __init__(self, source: dict[str, Any] | None) -> None:
        self.source = source

    def read_text(self, name: str) -> str | None:
        assert name == "direct_url.json"
        return None if self.source is None else json.dumps(self.source)


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installed:
    """Make this copy look as if it had been installed from a source, with some programs at hand."""

    def as_if(source: dict[str, Any] | None, *programs: str, pip: bool = True) -> None:
        monkeypatch.setattr(importlib.metadata, "distribution", lambda _: Distribution(source))
        monkeypatch.setattr(importlib.metadata, "requires", lambda _: REQUIRES)
        monkeypatch.setattr(installation, "find_spec", lambda name: object() if pip and name == "pip" else None)
        bin_folder = tmp_path / "bin"
        bin_folder.mkdir()
        for name in programs:
            (bin_folder / name).touch(mode=0o755)
        monkeypatch.setenv("PATH", str(bin_folder))
        monkeypatch.setattr(sys, "prefix", str(tmp_path / "prefix"))
        (tmp_path / "prefix").mkdir()

    return as_if


def checkout(tmp_path: Path, **information: bool) -> dict[str, Any]:
    folder = tmp_path / "my checkout"
    folder.mkdir()
    (folder / "pyproject.toml").touch()
    return {"url": folder.as_uri(), "dir_info": information}


def test_a_checkout(installed: Installed, tmp_path: Path) -> None:
    installed(checkout(tmp_path, editable=True))
    assert install_extra("sandbox") == f"{PYTHON} -m pip install -e '{tmp_path}/my checkout[sandbox]'"
    assert reinstall() == f"{PYTHON} -m pip install --force-reinstall --no-deps -e '{tmp_path}/my checkout'"


def test_a_checkout_that_was_not_installed_in_place(installed: Installed, tmp_path: Path) -> None:
    installed(checkout(tmp_path))
    assert install_extra("dask") == f"{PYTHON} -m pip install '{tmp_path}/my checkout[dask]'"


def test_a_checkout_without_pip_but_with_uv(installed: Installed, tmp_path: Path) -> None:
    installed(checkout(tmp_path, editable=True), "uv", pip=False)
    assert install_extra("dask") == f"UV_PYTHON={PYTHON} uv pip install -e '{tmp_path}/my checkout[dask]'"


@pytest.mark.parametrize("source", [None, {}, {"url": "file:///gone", "dir_info": {}}, {"url": "https://x/y.whl"}])
def test_any_other_copy_is_told_the_packages_themselves(installed: Installed, source: dict[str, Any] | None) -> None:
    installed(source)
    assert install_extra("sandbox") == f"{PYTHON} -m pip install 'moto<6,>=5.2.5' 'flask>=3.0'"
    assert reinstall() == "reinstall ssm-harden from its original source"


def test_a_copy_of_pipx(installed: Installed, tmp_path: Path) -> None:
    installed(None, "pipx")
    (tmp_path / "prefix" / "pipx_metadata.json").touch()
    assert install_extra("sandbox") == "pipx inject ssm-harden 'moto<6,>=5.2.5' 'flask>=3.0'"


def test_no_program_is_named_that_is_not_there(installed: Installed, tmp_path: Path) -> None:
    installed(checkout(tmp_path, editable=True), pip=False)
    (tmp_path / "prefix" / "pipx_metadata.json").touch()
    for hint in (install_extra("sandbox"), reinstall(), replace_hcl2()):
        assert not re.search(r"\b(pip|uv|pipx)\b", hint), hint
    assert install_extra("sandbox") == f"install moto<6,>=5.2.5, flask>=3.0 for {sys.executable}"


def test_the_fork_of_checkov_is_replaced_in_this_environment(installed: Installed) -> None:
    installed(None)
    told = replace_hcl2()
    assert told.startswith(f"{PYTHON} -m pip uninstall -y bc-python-hcl2 && ")
    assert told.endswith(f"{PYTHON} -m pip install --force-reinstall 'python-hcl2<9,>=8.1.4'")


def test_this_copy_really_has_these_extras() -> None:
    assert "sandbox]" in install_extra("sandbox") or "moto" in install_extra("sandbox")
    assert list(installation._requirements("dask"))  # noqa: SLF001 - the reading of real metadata is under test


def test_no_text_of_ours_asks_an_index_for_our_name() -> None:
    top = Path(installation.__file__).parent
    asked = re.compile(r"(?:install|inject|--spec)[^\n]*\bssm-harden(?:\[|==|['\"]?$)", re.MULTILINE)
    wrong = [
        str(path) for path in top.rglob("*.py") if path.name != "installation.py" and asked.search(path.read_text())
    ]
    assert wrong == []
