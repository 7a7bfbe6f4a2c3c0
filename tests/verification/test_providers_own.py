"""Terraform's own ways to a provider: its CLI configuration, and the folders that it takes for local mirrors."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from ssm_hardening.verification.cli_config import FILE
from ssm_hardening.verification.providers import OWN, Finder, Supplier, Supply, starts
from tests.verification.making import Here, packed, unpacked
from tests.verification.registry import closed_port

pytestmark = pytest.mark.terraform

NOWHERE = Path("/nowhere")
Script = Callable[[str, str], Path]


@pytest.mark.parametrize("place", ["home/.terraform.d", "home/.local/share/terraform", "data/terraform"])
@pytest.mark.usefixtures("refused")
def test_implied_mirrors_are_terraforms_own(here: Here, tmp_path: Path, place: str) -> None:
    here.patch.setenv("XDG_DATA_DIRS", f"relative:{tmp_path / 'data'}")
    unpacked(tmp_path / place / "plugins", "5.0.0")
    made = here.finder(NOWHERE)
    origin = f"from {tmp_path / place / 'plugins'} (a local mirror of Terraform)"
    assert made.providers() == Supply(Supplier.LOCAL, origin)
    assert here.init(made).answer.code == 0


@pytest.mark.usefixtures("refused")
def test_the_users_data_folder_is_terraforms_too(here: Here, tmp_path: Path) -> None:
    here.patch.setenv("XDG_DATA_HOME", str(tmp_path / "mine"))
    unpacked(tmp_path / "mine/terraform/plugins", "5.0.0")
    assert starts()[-1] == tmp_path / "mine"
    assert here.init(here.finder(NOWHERE)).answer.code == 0


@pytest.mark.usefixtures("refused")
def test_what_the_code_brings_along_is_used(here: Here) -> None:
    unpacked(here.code / "terraform.d/plugins", "5.0.0")
    done = here.init(here.finder(NOWHERE))
    assert (done.answer.code, done.providers.origin) == (0, "from the code's own terraform.d/plugins")


def test_the_cli_configuration_has_its_say(here: Here, tmp_path: Path) -> None:
    unpacked(here.safe / "mirror", "5.0.0")
    packed(tmp_path / "own", "5.0.0")
    mirror = 'provider_installation {{\n  filesystem_mirror {{\n    path = "{}"\n  }}\n}}\n'
    for file in (here.home / ".terraformrc", here.home / ".terraform.d/mine.tfrc", tmp_path / "named.rc"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(mirror.format(tmp_path / "own"))
        if file.name == "named.rc":
            here.patch.setenv(FILE, str(file))
        assert here.finder().providers() == Supply(Supplier.LOCAL, f"as configured in {file}")
        file.write_text(mirror.format(here.safe / "start"))
        known = here.finder().providers()
        assert known.problem.startswith(f"none of the locations in {file} has registry.terraform.io/hashicorp/aws")
        assert here.init().is_out_of_reach()
        file.unlink()


@pytest.mark.parametrize("name", ["nowhere.rc", "", "a-folder"])
def test_a_configuration_that_is_no_file_is_none(here: Here, refused: Path, name: str) -> None:
    (here.safe / "a-folder").mkdir()
    here.patch.setenv(FILE, str(here.safe / name) if name else "")
    unpacked(here.safe / "mirror", "5.0.0")
    made = here.finder()
    assert made.providers().source is Supplier.FOUND, f"{refused} is read"
    done = here.init(made)
    assert (done.answer.code, "CLI configuration" in done.answer.stdout + done.answer.stderr) == (0, False)


@pytest.mark.parametrize("answer", ["", "Error: Error parsing the configuration"])
def test_nothing_is_claimed_where_terraform_cannot_tell(here: Here, answer: str, script: Script) -> None:
    unpacked(here.safe / "mirror", "5.0.0")
    tool = script("terraform", f'echo "{answer}"; exit 1')
    assert Finder(None, tool, below=lambda: (here.safe,)).providers() == OWN


def test_an_empty_configuration_is_one(here: Here) -> None:
    mirror = f'provider_installation {{\n  filesystem_mirror {{\n    path = "{here.safe}"\n  }}\n}}\n'
    (here.home / ".terraformrc").write_text(mirror)
    here.patch.setenv(FILE, os.devnull)
    here.patch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{closed_port()}")
    unpacked(here.safe / "mirror", "5.0.0")
    assert here.finder(here.safe / "mirror").providers().source is Supplier.FOUND


@pytest.mark.usefixtures("refused")
def test_a_locked_version_that_is_not_there_is_told(here: Here) -> None:
    unpacked(here.safe / "mirror", "5.0.0")
    lock = 'provider "registry.terraform.io/hashicorp/aws" {\n  version = "5.7.0"\n}\n'
    (here.code / ".terraform.lock.hcl").write_text(lock)
    done = here.init()
    assert done.answer.code == 0, done.answer
    assert done.told(here.code).startswith(", with hashicorp/aws 5.0.0 (locked: 5.7.0), providers from")
