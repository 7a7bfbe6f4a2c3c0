from collections.abc import Callable
from pathlib import Path

import pytest

from ssm_hardening.verification.providers import PLUGIN_DIR, Finder, Supplier
from ssm_hardening.verification.runner import Check, CheckOutcome
from ssm_hardening.verification.terraform import FMT, VALIDATE, Limits, TerraformVerifier
from tests.verification.making import AWS, TOFU, unpacked
from tests.verification.registry import closed_port, point_to

real = pytest.mark.terraform
Script = Callable[[str, str], Path]


def quiet(_: str) -> None:
    pass


# Answers like terraform, up to the point where a test lets it go wrong.
WELL = 'case "$1" in version) echo "Terraform v1.2.3";; validate) echo \'{"valid": true, "diagnostics": []}\';; '


# Answers like tofu on a machine that reaches no registry.
OFFLINE_TOFU = f"""\
case "$*" in
  version) echo "OpenTofu v1.10.0"; echo "on {AWS.platform}";;
  *-plugin-dir=*) ;;
  init*) printf 'Error: Failed to resolve provider packages\\n\\nNo provider: no such host\\n' >&2; exit 1;;
  validate*) echo '{{"valid": true, "diagnostics": []}}';;
esac"""


def answers(verifier: TerraformVerifier, folder: Path) -> tuple[Check, Check]:
    fmt, validate = verifier.verify(folder, progress=quiet)
    assert (fmt.name, validate.name) == (FMT, VALIDATE)
    return fmt, validate


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@real
def test_good_code_passes_and_the_folder_is_untouched(terraform: Path, plugin_dir: Path, folder: Path) -> None:
    write(folder / ".terraform.lock.hcl", 'provider "registry.terraform.io/hashicorp/aws" {\n  version = "4.0.0"\n}\n')
    before = tree(folder)
    fmt, validate = answers(TerraformVerifier(terraform, Finder(plugin_dir, terraform)), folder)
    assert (fmt.outcome, validate.outcome) == (CheckOutcome.PASSED, CheckOutcome.PASSED), (fmt, validate)
    assert "valid, with hashicorp/aws" in validate.message
    assert validate.message.endswith(f"(locked: 4.0.0), providers from {plugin_dir} (--plugin-dir)")
    assert tree(folder) == before


@real
def test_an_unknown_argument_fails_with_its_place(terraform: Path, plugin_dir: Path, folder: Path) -> None:
    write(folder / "main.tf", (folder / "main.tf").read_text().replace("  name = ", "  nome = "))
    _, validate = answers(TerraformVerifier(terraform, Finder(plugin_dir, terraform)), folder)
    assert validate.outcome is CheckOutcome.FAILED
    assert "not valid, 1 error, with hashicorp/aws" in validate.message
    assert any(each.startswith(f"{folder}/main.tf:11: Unsupported argument") for each in validate.details)


@real
def test_a_fault_in_a_module_beside_the_folder_is_found(terraform: Path, tmp_path: Path) -> None:
    write(tmp_path / "root/main.tf", 'module "m" {\n  source = "../m"\n}\n')
    write(tmp_path / "m/main.tf", 'output "x" {\n  value = var.nothing\n}\n')
    _, validate = answers(TerraformVerifier(terraform), tmp_path / "root")
    assert validate.outcome is CheckOutcome.FAILED
    assert validate.details[0].startswith(f"{tmp_path}/m/main.tf:2: Reference to undeclared input variable")


@real
def test_unformatted_code_fails_with_the_diff(terraform: Path, folder: Path) -> None:
    write(folder / "modules/x/x.tf", 'variable   "x" {}\n')
    fmt, _ = answers(TerraformVerifier(terraform), folder)
    assert fmt.outcome is CheckOutcome.FAILED
    assert "not formatted" in fmt.message
    assert "modules/x/x.tf" in fmt.details
    assert '-variable   "x" {}' in fmt.details


@real
def test_broken_code_fails_with_its_place(terraform: Path, folder: Path) -> None:
    write(folder / "broken.tf", 'resource "a" {\n')
    fmt, validate = answers(TerraformVerifier(terraform), folder)
    assert (fmt.outcome, validate.outcome) == (CheckOutcome.FAILED, CheckOutcome.FAILED)
    for check in (fmt, validate):
        assert check.details[0].startswith(f"{folder}/broken.tf:1: Unclosed configuration block")


@real
def test_a_local_module_that_is_not_there_fails(terraform: Path, folder: Path) -> None:
    write(folder / "calls.tf", 'module "m" {\n  source = "./nothing"\n}\n')
    _, validate = answers(TerraformVerifier(terraform), folder)
    assert validate.outcome is CheckOutcome.FAILED
    assert "init failed" in validate.message
    assert any("Unreadable module directory" in each for each in validate.details)


@real
def test_a_provider_that_cannot_be_had_is_skipped(terraform: Path, folder: Path, tmp_path: Path) -> None:
    fmt, validate = answers(TerraformVerifier(terraform, Finder(tmp_path, terraform)), folder)
    assert fmt.outcome is CheckOutcome.PASSED
    assert validate.outcome is CheckOutcome.SKIPPED
    assert "--plugin-dir DIR or SSM_HARDEN_PLUGIN_DIR" in validate.message
    assert "hashicorp/aws" in validate.details[0]


@real
def test_a_registry_that_cannot_be_reached_is_skipped(
    terraform: Path, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TF_CLI_CONFIG_FILE", str(point_to(closed_port(), tmp_path / "my.rc")))
    monkeypatch.delenv(PLUGIN_DIR, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    finder = Finder(None, terraform, below=lambda: (tmp_path,))
    _, validate = answers(TerraformVerifier(terraform, finder), folder)
    assert validate.outcome is CheckOutcome.SKIPPED
    assert validate.message.endswith(finder.providers().problem)
    assert finder.providers().source is Supplier.NONE


@real
def test_a_relative_cli_configuration_of_the_user_is_honoured(
    terraform: Path, plugin_dir: Path, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mirror = f'provider_installation {{\n  filesystem_mirror {{\n    path = "{plugin_dir}"\n  }}\n}}\n'
    write(tmp_path / "my.rc", mirror)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TF_CLI_CONFIG_FILE", "my.rc")
    _, validate = answers(TerraformVerifier(terraform), folder)
    assert validate.outcome is CheckOutcome.PASSED, validate


@real
def test_code_behind_a_link_outward_is_not_called_valid(terraform: Path, tmp_path: Path) -> None:
    write(tmp_path / "code/main.tf", 'variable "x" {}\n')
    write(tmp_path / "shared/common.tf", "nonsense\n")
    (tmp_path / "code/common.tf").symlink_to(tmp_path / "shared/common.tf")
    for check in answers(TerraformVerifier(terraform), tmp_path / "code"):
        assert check.outcome is CheckOutcome.SKIPPED
        assert check.details == (str(tmp_path / "code/common.tf"),)


def test_a_missing_tool_is_a_visible_skip(folder: Path) -> None:
    for check in answers(TerraformVerifier(None), folder):
        assert check.outcome is CheckOutcome.SKIPPED
        assert "SSM_HARDEN_TERRAFORM" in check.message


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ("echo '{\"valid\": tr'", "not the JSON"),
        ("echo '[1, 2]'", "not the JSON"),
        ('echo \'{"valid": "yes"}\'', "not the JSON"),
        ("true", "not the JSON"),
        ("yes '[' | head -c 100000", "not the JSON"),
        ("echo '{\"valid\": true}'; exit 1", "is contradictory"),
        ('echo \'{"valid": true, "diagnostics": [{"severity": "error", "summary": "s"}]}\'', "is contradictory"),
        ('echo \'{"valid": false, "diagnostics": [7, {"range": 3}]}\'', "not valid, 2 errors"),
        ("echo no >&2; exit 9", "exit code 9"),
    ],
)
def test_an_answer_that_is_no_answer_fails(folder: Path, script: Script, answer: str, told: str) -> None:
    tool = script("terraform", f'case "$1" in version) echo "Terraform v1.2.3";; validate) {answer};; esac')
    fmt, validate = answers(TerraformVerifier(tool), folder)
    assert fmt.outcome is CheckOutcome.PASSED
    assert validate.outcome is CheckOutcome.FAILED
    assert told in validate.message
    assert validate.message.startswith("Terraform 1.2.3: ")


@pytest.mark.parametrize(
    ("hangs", "outcome", "told"),
    [
        ("validate) sleep 600;;", CheckOutcome.FAILED, "timed out after 1 s"),
        ("init) sleep 600;;", CheckOutcome.FAILED, "init timed out after 1 s"),
        (
            "init) echo Initializing provider plugins...; sleep 600;;",
            CheckOutcome.SKIPPED,
            "while it was installing providers",
        ),
    ],
)
def test_hanging_fails_except_over_a_download(
    folder: Path, script: Script, hangs: str, outcome: CheckOutcome, told: str
) -> None:
    tool = script("terraform", f'case "$1" in {hangs} esac')
    limits = Limits(init=1, validate=1)
    _, validate = answers(TerraformVerifier(tool, limits=limits), folder)
    assert (validate.outcome, told in validate.message) == (outcome, True), validate


def test_fmt_that_hangs_fails(folder: Path, script: Script) -> None:
    tool = script("terraform", WELL + "fmt) sleep 600;; esac")
    fmt, validate = answers(TerraformVerifier(tool, limits=Limits(fmt=1)), folder)
    assert (fmt.outcome, validate.outcome) == (CheckOutcome.FAILED, CheckOutcome.PASSED)


def test_a_program_that_is_none_fails(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "terraform").write_bytes(b"\x7fELF")
    (tmp_path / "terraform").chmod(0o755)
    for check in answers(TerraformVerifier(tmp_path / "terraform"), folder):
        assert check.outcome is CheckOutcome.FAILED
        assert any("cannot run" in each for each in check.details)


def test_only_init_is_given_registry_tokens(
    folder: Path, script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "log"
    tool = script("terraform", f'echo "$1 [$TF_TOKEN_example_com] [$AWS_SECRET_ACCESS_KEY]" >> "{log}"')
    monkeypatch.setenv("TF_TOKEN_example_com", "token")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "key")
    answers(TerraformVerifier(tool), folder)
    assert log.read_text().splitlines() == ["version [] []", "fmt [] []", "init [token] []", "validate [] []"]


def test_opentofu_is_called_by_its_name(folder: Path, script: Script) -> None:
    tool = script("tofu", WELL.replace("Terraform v1.2.3", "OpenTofu v1.9.0") + "esac")
    fmt, validate = answers(TerraformVerifier(tool), folder)
    assert fmt.message == "OpenTofu 1.9.0: all files are formatted"
    assert validate.message == "OpenTofu 1.9.0: valid"


def test_opentofu_looks_for_its_own_registrys_providers(
    folder: Path, safe: Path, script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv(PLUGIN_DIR, raising=False)
    unpacked(safe / "terraforms", "6.0.0", AWS)
    unpacked(safe / "tofus", "5.0.0", TOFU)
    finder = Finder(None, script("tofu", OFFLINE_TOFU), below=lambda: (safe,))
    assert finder.providers().folder == safe / "tofus"
    _, validate = answers(TerraformVerifier(tmp_path / "programs/tofu", finder), folder)
    assert validate.outcome is CheckOutcome.PASSED, validate
