"""Where providers come from, with the real terraform: its registry is one of this machine, or none."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from ssm_hardening.errors import UsageError
from ssm_hardening.verification import cli_config
from ssm_hardening.verification.cli_config import CACHE, CLIENT_TIMEOUT, FILE
from ssm_hardening.verification.initialising import Init, Initialised, initialise
from ssm_hardening.verification.processes import environment
from ssm_hardening.verification.providers import CURE, FIXED, OWN, PLUGIN_DIR, Finder, Providers, Source, find, starts
from tests.verification.conftest import FORMATTED
from tests.verification.making import AWS, packed, unpacked
from tests.verification.registry import answering, closed_port, point_to, silent

pytestmark = pytest.mark.terraform

NOWHERE = Path("/nowhere")
WHAT = f"{AWS.host}/{AWS.name} for {AWS.platform}"
Script = Callable[[str, str], Path]
ONLY_AWS = FORMATTED[: FORMATTED.index("resource")]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home, and an environment that says nothing to Terraform."""
    for name in os.environ:
        if name.startswith(("TF_", "XDG_", "TERRAFORM_")) or name == PLUGIN_DIR:
            monkeypatch.delenv(name)
    made = tmp_path / "home"
    made.mkdir()
    monkeypatch.setenv("HOME", str(made))
    monkeypatch.setenv("XDG_DATA_DIRS", str(tmp_path / "no-data"))
    monkeypatch.setenv(CLIENT_TIMEOUT, "1")
    return made


@dataclass(frozen=True)
class Here:
    """A machine: terraform, code that needs hashicorp/aws, and a folder `safe` in which a mirror may lie."""

    terraform: Path
    home: Path
    safe: Path
    code: Path
    patch: pytest.MonkeyPatch

    def finder(self, *below: Path, option: Path | None = None) -> Finder:
        return Finder(option, self.terraform, below=lambda: below or (self.safe,))

    def init(self, made: Finder | None = None) -> Initialised:
        command: list[str | Path] = [self.terraform, "init", "-backend=false", "-input=false", "-no-color"]
        env = environment() | cli_config.settings() | FIXED
        call = Init(command=command, folder=self.code, env=env, timeout=60)
        return initialise(call, made or self.finder())


@pytest.fixture
def here(terraform: Path, home: Path, safe: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Here:
    code = tmp_path / "needs"
    code.mkdir()
    (code / "main.tf").write_text(ONLY_AWS)
    return Here(terraform, home, safe, code, monkeypatch)


@pytest.fixture
def refused(home: Path) -> Path:
    """A CLI configuration by which the registry refuses the connection."""
    return point_to(closed_port(), home / ".terraformrc")


# --- a folder that was named ---------------------------------------------------------------------


@pytest.mark.usefixtures("refused")
def test_the_named_folder_is_final(here: Here, tmp_path: Path) -> None:
    unpacked(here.safe / "mirror", "5.0.0")
    full, empty = tmp_path / "full", tmp_path / "empty"
    packed(full, "5.0.0")
    empty.mkdir()
    here.patch.setenv(PLUGIN_DIR, str(empty))
    none = here.finder().providers()
    assert (none.source, none.folder) == (Source.NAMED, empty)
    assert none.problem == f"{empty} ({PLUGIN_DIR}) holds no {WHAT}; {CURE}"
    assert here.finder(here.safe, option=full).providers() == Providers(
        Source.NAMED, f"from {full} (--plugin-dir)", full
    )


def test_a_named_folder_that_is_none_is_a_mistake(here: Here) -> None:
    with pytest.raises(UsageError, match="--plugin-dir: nowhere is not a folder"):
        find("nowhere", here.terraform)
    here.patch.setenv(PLUGIN_DIR, "nowhere")
    with pytest.raises(UsageError, match=f"{PLUGIN_DIR}: nowhere is not a folder"):
        find(None, here.terraform)


def test_a_named_folder_is_the_same_from_elsewhere(here: Here, tmp_path: Path) -> None:
    packed(tmp_path / "mirror", "5.0.0")
    here.patch.chdir(tmp_path)
    made = Finder("mirror", here.terraform)
    here.patch.chdir("/")
    assert made.providers().folder == tmp_path / "mirror"


# --- a registry that does not answer -------------------------------------------------------------


@pytest.mark.usefixtures("refused")
def test_a_registry_that_refuses_gives_way_to_a_mirror(here: Here) -> None:
    unpacked(here.safe / "mirror", "5.0.0")
    origin = f"from {here.safe / 'mirror'} (found; the registry did not answer)"
    made = here.finder()
    assert made.providers() == Providers(Source.FOUND, origin, here.safe / "mirror")
    done = here.init(made)
    assert done.answer.code == 0, done.answer
    assert done.told(here.code) == f", with hashicorp/aws 5.0.0, providers {origin}"


def test_a_registry_that_never_answers_is_waited_for_once(here: Here) -> None:
    unpacked(here.safe / "mirror", "5.0.0")
    with silent() as (port, calls):
        point_to(port, here.home / ".terraformrc")
        made = here.finder()
        assert made.providers().source is Source.FOUND
        asked = len(calls)
        assert asked > 0
        assert here.init(made).answer.code == 0
        assert made.providers().source is Source.FOUND
        assert len(calls) == asked


def test_a_name_that_is_not_known_gives_way_to_a_mirror(here: Here) -> None:
    unpacked(here.safe / "mirror", "5.0.0")
    address = "https://registry.invalid/v1/providers/"
    (here.home / ".terraformrc").write_text(
        f'host "registry.terraform.io" {{\n  services = {{ "providers.v1" = "{address}" }}\n}}\n'
    )
    assert here.finder().providers().source is Source.FOUND


@pytest.mark.usefixtures("refused")
def test_without_a_mirror_one_sentence_says_what_was_looked_at(here: Here) -> None:
    made = here.finder(here.safe / "a", here.safe / "b")
    known = made.providers()
    looked = f"no {WHAT} was found in the plugin cache or up to 3 levels below {here.safe / 'a'}, {here.safe / 'b'}"
    assert known == Providers(Source.NONE, "from nowhere", problem=f"the registry did not answer, and {looked}; {CURE}")
    done = here.init(made)
    assert done.is_out_of_reach()
    assert done.missing() == known.problem


@pytest.mark.usefixtures("refused")
def test_code_without_providers_needs_no_registry(here: Here) -> None:
    (here.code / "main.tf").write_text('output "x" {\n  value = 1\n}\n')
    done = here.init()
    assert (done.answer.code, done.told(here.code)) == (0, "")


@pytest.mark.usefixtures("refused")
def test_a_mirror_refused_for_its_permissions_is_told(here: Here) -> None:
    unpacked(here.safe / "mirror", "5.0.0")
    (here.safe / "mirror").chmod(0o777)
    problem = here.finder().providers().problem
    assert f"({here.safe / 'mirror'} is not used: others may write to {here.safe / 'mirror'}); {CURE}" in problem


def test_the_plugin_cache_serves_without_the_registry(here: Here, refused: Path, tmp_path: Path) -> None:
    unpacked(here.safe / "mirror", "6.0.0")
    unpacked(tmp_path / "cache", "5.0.0")
    origin = f"from {tmp_path / 'cache'} (the plugin cache; the registry did not answer)"
    here.patch.setenv(CACHE, str(tmp_path / "cache"))
    made = here.finder()
    assert made.providers() == Providers(Source.CACHE, origin, tmp_path / "cache")
    assert here.init(made).answer.code == 0
    here.patch.delenv(CACHE)
    refused.write_text(f'plugin_cache_dir = "$HOME/../cache"\n{refused.read_text()}')
    assert here.finder().providers().source is Source.CACHE
    (tmp_path / "cache").chmod(0o777)
    assert here.finder().providers().folder == here.safe / "mirror"
    assert "cache is not used: others may write" in here.finder(NOWHERE).providers().problem


@pytest.mark.usefixtures("refused")
def test_a_cache_that_is_not_there_is_none(here: Here) -> None:
    unpacked(here.safe / "mirror", "5.0.0")
    here.patch.setenv(CACHE, str(here.safe / "nowhere"))
    assert here.init().answer.code == 0


# --- a registry that answers ---------------------------------------------------------------------


def test_a_registry_that_answers_is_used(here: Here) -> None:
    unpacked(here.safe / "mirror", "5.0.0")
    with answering(("4.0.0",)) as (port, _):
        point_to(port, here.home / ".terraformrc")
        made = here.finder()
        assert made.providers() == Providers(Source.REGISTRY, "from registry.terraform.io")
        done = here.init(made)
    assert done.providers.source is Source.REGISTRY
    assert "no available releases match" in " ".join(done.errors()[0].text().split())
    assert not done.is_out_of_reach(), "a version that the registry does not know is a fault of the code"


def test_a_provider_that_the_registry_does_not_know_is_a_fault_of_the_code(here: Here) -> None:
    unpacked(here.safe / "mirror", "5.0.0")
    with answering((), code=404) as (port, _):
        point_to(port, here.home / ".terraformrc")
        done = here.init()
    assert done.providers.source is Source.REGISTRY
    assert (done.answer.code, done.is_out_of_reach()) == (1, False)


def test_a_registry_out_of_order_gives_way_to_a_mirror(here: Here) -> None:
    unpacked(here.safe / "mirror", "5.0.0")
    with answering((), code=503) as (port, _):
        point_to(port, here.home / ".terraformrc")
        assert here.finder().providers().source is Source.FOUND


def test_packages_that_cannot_be_loaded_give_way_to_a_mirror(here: Here) -> None:
    unpacked(here.safe / "mirror", "5.0.0")
    with answering(("5.1.0",), download=f"http://127.0.0.1:{closed_port()}") as (port, calls):
        point_to(port, here.home / ".terraformrc")
        made = here.finder()
        assert made.providers().source is Source.REGISTRY
        done = here.init(made)
        asked = len(calls)
        assert (done.answer.code, done.providers.source) == (0, Source.FOUND), done
        assert here.init(made).answer.code == 0
        assert len(calls) == asked, "it is remembered"


def test_another_provider_that_cannot_be_had_is_no_word_on_this_one(here: Here, refused: Path) -> None:
    unpacked(here.home / ".terraform.d/plugins", "5.0.0")
    unpacked(here.safe / "mirror", "6.0.0")
    made = here.finder()
    known = made.providers()
    assert known.source is Source.LOCAL, refused
    (here.code / "more.tf").write_text('provider "random" {}\n')
    done = here.init(made)
    assert (done.is_out_of_reach(), made.providers()) == (True, known)
    (here.code / "more.tf").unlink()
    assert here.init(made).answer.code == 0


# --- Terraform's own ways ------------------------------------------------------------------------


@pytest.mark.parametrize("place", ["home/.terraform.d", "home/.local/share/terraform", "data/terraform"])
@pytest.mark.usefixtures("refused")
def test_implied_mirrors_are_terraforms_own(here: Here, tmp_path: Path, place: str) -> None:
    here.patch.setenv("XDG_DATA_DIRS", f"relative:{tmp_path / 'data'}")
    unpacked(tmp_path / place / "plugins", "5.0.0")
    made = here.finder(NOWHERE)
    origin = f"from {tmp_path / place / 'plugins'} (a local mirror of Terraform)"
    assert made.providers() == Providers(Source.LOCAL, origin)
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
        assert here.finder().providers() == Providers(Source.LOCAL, f"as {file} says")
        file.write_text(mirror.format(here.safe / "start"))
        known = here.finder().providers()
        assert known.problem.startswith(f"no place that {file} names holds registry.terraform.io/hashicorp/aws")
        assert here.init().is_out_of_reach()
        file.unlink()


@pytest.mark.parametrize("name", ["nowhere.rc", "", "a-folder"])
def test_a_configuration_that_is_no_file_is_none(here: Here, refused: Path, name: str) -> None:
    (here.safe / "a-folder").mkdir()
    here.patch.setenv(FILE, str(here.safe / name) if name else "")
    unpacked(here.safe / "mirror", "5.0.0")
    made = here.finder()
    assert made.providers().source is Source.FOUND, f"{refused} is read"
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
    assert here.finder(here.safe / "mirror").providers().source is Source.FOUND


@pytest.mark.usefixtures("refused")
def test_a_locked_version_that_is_not_there_is_told(here: Here) -> None:
    unpacked(here.safe / "mirror", "5.0.0")
    lock = 'provider "registry.terraform.io/hashicorp/aws" {\n  version = "5.7.0"\n}\n'
    (here.code / ".terraform.lock.hcl").write_text(lock)
    done = here.init()
    assert done.answer.code == 0, done.answer
    assert done.told(here.code).startswith(", with hashicorp/aws 5.0.0 (locked: 5.7.0), providers from")
