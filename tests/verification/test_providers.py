"""Where providers come from, with the real terraform: its registry is one of this machine, or none."""

from pathlib import Path

import pytest

from ssm_hardening.core.errors import UsageError
from ssm_hardening.verification.cli_config import CACHE
from ssm_hardening.verification.providers import CURE, PLUGIN_DIR, Finder, Supplier, Supply, find
from tests.verification.conftest import FORMATTED
from tests.verification.making import AWS, Here, packed, unpacked
from tests.verification.registry import answering, closed_port, point_to, silent

pytestmark = pytest.mark.terraform

NOWHERE = Path("/nowhere")
WHAT = f"{AWS.host}/{AWS.name} for {AWS.platform}"
ONLY_AWS = FORMATTED[: FORMATTED.index("resource")]


# --- a folder that was named ---------------------------------------------------------------------


@pytest.mark.usefixtures("refused")
def test_the_named_folder_is_final(here: Here, tmp_path: Path) -> None:
    unpacked(here.safe / "mirror", "5.0.0")
    full, empty = tmp_path / "full", tmp_path / "empty"
    packed(full, "5.0.0")
    empty.mkdir()
    here.patch.setenv(PLUGIN_DIR, str(empty))
    none = here.finder().providers()
    assert (none.source, none.folder) == (Supplier.NAMED, empty)
    assert none.problem == f"{empty} ({PLUGIN_DIR}) does not contain {WHAT}; {CURE}"
    assert here.finder(here.safe, option=full).providers() == Supply(
        Supplier.NAMED, f"from {full} (--plugin-dir)", full
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
    origin = f"from {here.safe / 'mirror'} (found; the registry did not respond)"
    made = here.finder()
    assert made.providers() == Supply(Supplier.FOUND, origin, here.safe / "mirror")
    done = here.init(made)
    assert done.answer.code == 0, done.answer
    assert done.told(here.code) == f", with hashicorp/aws 5.0.0, providers {origin}"


def test_a_registry_that_never_answers_is_waited_for_once(here: Here) -> None:
    unpacked(here.safe / "mirror", "5.0.0")
    with silent() as (port, calls):
        point_to(port, here.home / ".terraformrc")
        made = here.finder()
        assert made.providers().source is Supplier.FOUND
        asked = len(calls)
        assert asked > 0
        assert here.init(made).answer.code == 0
        assert made.providers().source is Supplier.FOUND
        assert len(calls) == asked


def test_a_name_that_is_not_known_gives_way_to_a_mirror(here: Here) -> None:
    unpacked(here.safe / "mirror", "5.0.0")
    address = "https://registry.invalid/v1/providers/"
    (here.home / ".terraformrc").write_text(
        f'host "registry.terraform.io" {{\n  services = {{ "providers.v1" = "{address}" }}\n}}\n'
    )
    assert here.finder().providers().source is Supplier.FOUND


@pytest.mark.usefixtures("refused")
def test_without_a_mirror_one_sentence_says_what_was_looked_at(here: Here) -> None:
    made = here.finder(here.safe / "a", here.safe / "b")
    known = made.providers()
    looked = f"no {WHAT} was found in the plugin cache or up to 3 levels below {here.safe / 'a'}, {here.safe / 'b'}"
    assert known == Supply(Supplier.NONE, "from nowhere", problem=f"the registry did not respond, and {looked}; {CURE}")
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
    assert f"({here.safe / 'mirror'} was not used: other users can write to {here.safe / 'mirror'}); {CURE}" in problem


def test_the_plugin_cache_serves_without_the_registry(here: Here, refused: Path, tmp_path: Path) -> None:
    unpacked(here.safe / "mirror", "6.0.0")
    unpacked(tmp_path / "cache", "5.0.0")
    origin = f"from {tmp_path / 'cache'} (the plugin cache; the registry did not respond)"
    here.patch.setenv(CACHE, str(tmp_path / "cache"))
    made = here.finder()
    assert made.providers() == Supply(Supplier.CACHE, origin, tmp_path / "cache")
    assert here.init(made).answer.code == 0
    here.patch.delenv(CACHE)
    refused.write_text(f'plugin_cache_dir = "$HOME/../cache"\n{refused.read_text()}')
    assert here.finder().providers().source is Supplier.CACHE
    (tmp_path / "cache").chmod(0o777)
    assert here.finder().providers().folder == here.safe / "mirror"
    assert "cache was not used: other users can write" in here.finder(NOWHERE).providers().problem


def test_a_cache_that_is_not_there_is_none(here: Here) -> None:
    unpacked(here.home / ".terraform.d/plugins", "5.0.0")
    here.patch.setenv(CACHE, str(here.safe / "nowhere"))
    done = here.init()
    assert (done.answer.code, "plugin cache" in done.answer.stdout + done.answer.stderr) == (0, False)


# --- a registry that answers ---------------------------------------------------------------------


def test_a_registry_that_answers_is_used(here: Here) -> None:
    unpacked(here.safe / "mirror", "5.0.0")
    with answering(("4.0.0",)) as (port, _):
        point_to(port, here.home / ".terraformrc")
        made = here.finder()
        assert made.providers() == Supply(Supplier.REGISTRY, "from registry.terraform.io")
        done = here.init(made)
    assert done.providers.source is Supplier.REGISTRY
    assert "no available releases match" in " ".join(done.errors()[0].text().split())
    assert not done.is_out_of_reach(), "a version that the registry does not know is a fault of the code"


def test_a_provider_that_the_registry_does_not_know_is_a_fault_of_the_code(here: Here) -> None:
    unpacked(here.safe / "mirror", "5.0.0")
    with answering((), code=404) as (port, _):
        point_to(port, here.home / ".terraformrc")
        done = here.init()
    assert done.providers.source is Supplier.REGISTRY
    assert (done.answer.code, done.is_out_of_reach()) == (1, False)


def test_a_registry_out_of_order_gives_way_to_a_mirror(here: Here) -> None:
    unpacked(here.safe / "mirror", "5.0.0")
    with answering((), code=503) as (port, _):
        point_to(port, here.home / ".terraformrc")
        assert here.finder().providers().source is Supplier.FOUND


def test_packages_that_cannot_be_loaded_give_way_to_a_mirror(here: Here) -> None:
    unpacked(here.safe / "mirror", "5.0.0")
    with answering(("5.1.0",), download=f"http://127.0.0.1:{closed_port()}") as (port, calls):
        point_to(port, here.home / ".terraformrc")
        made = here.finder()
        assert made.providers().source is Supplier.REGISTRY
        done = here.init(made)
        asked = len(calls)
        assert (done.answer.code, done.providers.source) == (0, Supplier.FOUND), done
        assert here.init(made).answer.code == 0
        assert len(calls) == asked, "it is remembered"


@pytest.mark.parametrize("local", [True, False])
def test_another_provider_that_cannot_be_had_is_no_word_on_this_one(here: Here, *, local: bool) -> None:
    unpacked(here.safe / "mirror", "6.0.0")
    if local:
        unpacked(here.home / ".terraform.d/plugins", "5.0.0")
    (here.code / "main.tf").write_text(ONLY_AWS.replace("hashicorp/aws", "registry.invalid/acme/thing"))
    with answering(("5.0.0",)) as (port, _):
        point_to(port, here.home / ".terraformrc")
        made = here.finder()
        known = made.providers()
        done = here.init(made)
    assert known.source is (Supplier.LOCAL if local else Supplier.REGISTRY)
    assert (done.is_out_of_reach(), done.providers, made.providers()) == (True, known, known)
