"""Mirrors for tests, laid out as Terraform wants them, with a program that is none; and a machine to try them on."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from ssm_hardening.verification import cli_config
from ssm_hardening.verification.mirrors import ProviderBuild, this_platform
from ssm_hardening.verification.processes import environment
from ssm_hardening.verification.providers import FIXED, Finder
from ssm_hardening.verification.terraform import Init, Initialised, initialise

AWS = ProviderBuild("registry.terraform.io", this_platform())
TOFU = ProviderBuild("registry.opentofu.org", this_platform())


def unpacked(mirror: Path, version: str, wanted: ProviderBuild = AWS) -> Path:
    """Add a provider to a mirror; returns its program."""
    folder = mirror / wanted.host / wanted.name / version / wanted.platform
    folder.mkdir(parents=True)
    program = folder / f"terraform-provider-aws_v{version}_x5"
    program.write_text("not a program\n")
    program.chmod(0o755)
    return program


def packed(mirror: Path, version: str, wanted: ProviderBuild = AWS) -> Path:
    """Add a packed provider to a mirror; returns the archive."""
    folder = mirror / wanted.host / wanted.name
    folder.mkdir(parents=True, exist_ok=True)
    archive = folder / f"terraform-provider-aws_{version}_{wanted.platform}.zip"
    archive.write_bytes(b"PK")
    return archive


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
