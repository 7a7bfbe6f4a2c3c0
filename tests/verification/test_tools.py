import hashlib
import importlib.metadata
import os
import re
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from ssm_hardening.core.errors import SsmHardenError, UsageError
from ssm_hardening.verification import tools
from ssm_hardening.verification.tools import (
    CHECKOV,
    CHECKOV_LOCK,
    CHECKOV_VERSION,
    TERRAFORM,
    checkov_home,
    checkov_version,
    find_checkov,
    find_terraform,
    foreign_hcl2,
    install_checkov,
    tool_versions,
)

Script = Callable[[str, str], Path]


REAL_UV = shutil.which("uv")


def quiet(_: str) -> None:
    pass


# Stands in for uv: makes an environment that holds a checkov, and notes that it was asked.
UV = """\
echo "$@" >> "$XDG_CACHE_HOME/asked"
case "$1" in
  venv) /bin/mkdir -p "$4/bin";;
  pip) made="${4%/python}/checkov"; echo "#!/bin/sh" > "$made"; /bin/chmod +x "$made"; echo Installed;;
esac
"""


def test_terraform_is_looked_for_in_order(bare: Path, script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    assert find_terraform(None) is None
    tofu = script("tofu", "")
    assert find_terraform(None) == tofu
    on_path = script("terraform", "")
    assert find_terraform(None) == on_path
    assert find_terraform("tofu") == tofu, "a bare name is looked for on PATH"
    named, option = script("named", ""), script("option", "")
    monkeypatch.setenv(TERRAFORM, str(named))
    assert find_terraform(None) == named
    assert find_terraform(str(option)) == option
    monkeypatch.chdir(bare)
    assert find_terraform("./option") == option, "paths are made absolute: tools run elsewhere"


def test_checkov_is_looked_for_in_order(bare: Path, script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    private = checkov_home() / "bin" / "checkov"
    private.parent.mkdir(parents=True)
    private.touch(mode=0o755)
    assert find_checkov(None) is None, "an environment without its mark is incomplete"
    (checkov_home() / ".complete").touch()
    assert find_checkov(None) == private
    on_path = script("checkov", "")
    assert find_checkov(None) == on_path
    monkeypatch.setenv(CHECKOV, str(script("named", "")))
    assert find_checkov(None) == bare / "named"
    assert find_checkov(str(script("option", ""))) == bare / "option"


def test_a_named_tool_that_is_none_is_a_mistake(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (bare / "text").write_text("not a program")
    for wrong in ("nothing", str(bare / "nothing"), str(bare), str(bare / "text")):
        with pytest.raises(UsageError, match=r"--checkov: .* is not an executable file"):
            find_checkov(wrong)
    monkeypatch.setenv(TERRAFORM, "nothing")
    with pytest.raises(UsageError, match=f"{TERRAFORM}: nothing is not"):
        find_terraform(None)


def test_the_data_folder_is_the_users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for unusable in ("", "relative"):
        monkeypatch.setenv("XDG_DATA_HOME", unusable)
        assert checkov_home() == tmp_path / f".local/share/ssm-harden/tools/checkov-{CHECKOV_VERSION}"


def test_installing_once_is_enough(bare: Path, script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(bare))
    script("uv", UV)
    lines: list[str] = []
    assert install_checkov(lines.append) == checkov_home() / "bin" / "checkov" == find_checkov(None)
    assert f"--require-hashes --only-binary :all: -r {CHECKOV_LOCK}" in (bare / "asked").read_text()
    assert "Installed" in lines
    lines.clear()
    (bare / "uv").unlink()
    assert install_checkov(lines.append) == find_checkov(None)
    assert lines == []


def test_all_that_checkov_needs_is_pinned_by_hash_and_names_no_index() -> None:
    text = CHECKOV_LOCK.read_text()
    entries = [each for each in re.split(r"\n(?=\w)", text) if not each.startswith("#")]
    assert f"\ncheckov=={CHECKOV_VERSION} " in text
    assert len(entries) > 50
    for entry in entries:
        assert re.match(r"[\w.-]+==[\w.!+]+ (; [^\\]+ )?\\\n", entry), entry[:80]
        hashes = entry.strip().split("\n")[1:]
        assert hashes
        assert all(re.fullmatch(r"    --hash=sha256:[0-9a-f]{64}( \\)?", each) for each in hashes), entry[:80]
    assert "://" not in text
    assert "--index" not in text


def wheel(folder: Path, name: str) -> Path:
    """Write a package that has nothing but a program called `checkov`."""
    made = folder / f"{name}-1.0-py3-none-any.whl"
    info = f"{name}-1.0.dist-info"
    files = {
        f"{name}.py": "def main():\n    print('1.0')\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: by hand\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": f"[console_scripts]\ncheckov = {name}:main\n",
    }
    record = "".join(f"{each},,\n" for each in (*files, f"{info}/RECORD"))
    with zipfile.ZipFile(made, "w") as archive:
        for path, text in {**files, f"{info}/RECORD": record}.items():
            archive.writestr(path, text)
    return made


@pytest.mark.parametrize("installer", ["pip", "uv"])
def test_a_file_with_another_hash_is_not_installed(
    installer: str, bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the real installers, from a folder."""
    if installer == "uv":
        if REAL_UV is None:
            pytest.skip("no uv on PATH")
        (bare / "uv").symlink_to(REAL_UV)
    served = wheel(tmp_path, "stand_in")
    for name in ("PIP_NO_INDEX", "UV_NO_INDEX"):
        monkeypatch.setenv(name, "1")
    for name in ("PIP_FIND_LINKS", "UV_FIND_LINKS"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    lock = tmp_path / "lock.txt"
    monkeypatch.setattr(tools, "CHECKOV_LOCK", lock)
    lock.write_text(f"stand-in==1.0 --hash=sha256:{'0' * 64}\n")
    with pytest.raises(SsmHardenError, match="served a file with another hash than the pinned one") as told:
        install_checkov(quiet)
    assert "stand" in told.value.message
    assert find_checkov(None) is None
    lock.write_text(f"stand-in==1.0 --hash=sha256:{hashlib.sha256(served.read_bytes()).hexdigest()}\n")
    assert install_checkov(quiet) == find_checkov(None)


def test_a_half_made_environment_is_made_again(bare: Path, script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(bare))
    script("uv", UV)
    rest = checkov_home() / "lib" / "rest"
    rest.parent.mkdir(parents=True)
    rest.touch()
    lines: list[str] = []
    install_checkov(lines.append)
    assert not rest.exists()
    assert lines[0].startswith("removing an incomplete environment")


def test_a_failed_installation_says_what_the_installer_said(bare: Path, script: Script) -> None:
    script("uv", 'case "$1" in venv) exit 0;; *) echo "No solution found: no such index" >&2; exit 1;; esac')
    with pytest.raises(SsmHardenError, match="No solution found: no such index") as caught:
        install_checkov(quiet)
    assert "--checkov" in caught.value.hint
    assert bare.exists()
    assert find_checkov(None) is None


def test_an_installation_that_leaves_nothing_is_no_installation(bare: Path, script: Script) -> None:
    script("uv", "exit 0")
    with pytest.raises(SsmHardenError, match="the installation finished, but"):
        install_checkov(quiet)
    assert bare.exists()
    assert find_checkov(None) is None


def test_a_data_folder_that_cannot_be_made(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (bare / "file").touch()
    monkeypatch.setenv("XDG_DATA_HOME", str(bare / "file"))
    with pytest.raises(SsmHardenError, match="Not a directory") as caught:
        install_checkov(quiet)
    assert "XDG_DATA_HOME" in caught.value.hint


def test_checkov_need_not_be_started_for_its_version(tmp_path: Path, script: Script) -> None:
    home = tmp_path / "env"
    (home / "lib/python3.12/site-packages/checkov-9.8.7.dist-info").mkdir(parents=True)
    (home / "bin").mkdir()
    (home / "bin/checkov").touch(mode=0o755)
    (tmp_path / "link").symlink_to(home / "bin/checkov")
    assert checkov_version(tmp_path / "link") == "9.8.7"
    assert checkov_version(script("checkov", "echo 3.2.1")) == "3.2.1"
    assert checkov_version(script("checkov", "echo Traceback; exit 1")) is None


def test_versions_as_found(bare: Path, script: Script) -> None:
    hcl2, terraform, checkov = tool_versions()
    assert (hcl2.name, hcl2.version) == ("python-hcl2", importlib.metadata.version("python-hcl2"))
    assert (terraform.version, checkov.version) == ("not found", "not found")
    script("tofu", "echo OpenTofu v1.9.0; echo on linux_amd64")
    script("checkov", "echo 3.2.1")
    _, terraform, checkov = tool_versions()
    assert (terraform.name, terraform.version, terraform.path) == ("opentofu", "1.9.0", bare / "tofu")
    assert (checkov.version, checkov.path) == ("3.2.1", bare / "checkov")
    _, terraform, _ = tool_versions(terraform="nothing")
    assert (terraform.version, "nothing is not an executable" in terraform.problem) == ("not found", True)


@pytest.mark.parametrize(
    ("installed", "told"),
    [
        ({"python-hcl2": "8.1.4"}, None),
        ({"python-hcl2": "10.0"}, None),
        ({"python-hcl2": "8.1.4", "bc-python-hcl2": "0.4.3"}, "bc-python-hcl2 0.4.3"),
        ({"python-hcl2": "7.3.1"}, "7.3.1 is older than 8"),
        ({}, "not installed"),
    ],
)
def test_a_foreign_hcl2_is_told_with_its_cure(
    monkeypatch: pytest.MonkeyPatch, installed: dict[str, str], told: str | None
) -> None:
    monkeypatch.setattr(tools, "_distribution", installed.get)
    message = foreign_hcl2()
    if told is None:
        assert message is None
    else:
        assert message is not None
        assert told in message
        assert "pip install --force-reinstall" in message
