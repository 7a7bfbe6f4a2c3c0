"""Mirrors for tests: folders laid out as Terraform wants them, with a program that is none."""

from pathlib import Path

from ssm_hardening.verification.mirrors import Wanted, this_platform

AWS = Wanted("registry.terraform.io", this_platform())
TOFU = Wanted("registry.opentofu.org", this_platform())


def unpacked(mirror: Path, version: str, wanted: Wanted = AWS) -> Path:
    """Add a provider to a mirror; returns its program."""
    folder = mirror / wanted.host / wanted.name / version / wanted.platform
    folder.mkdir(parents=True)
    program = folder / f"terraform-provider-aws_v{version}_x5"
    program.write_text("not a program\n")
    program.chmod(0o755)
    return program


def packed(mirror: Path, version: str, wanted: Wanted = AWS) -> Path:
    """Add a packed provider to a mirror; returns the archive."""
    folder = mirror / wanted.host / wanted.name
    folder.mkdir(parents=True, exist_ok=True)
    archive = folder / f"terraform-provider-aws_{version}_{wanted.platform}.zip"
    archive.write_bytes(b"PK")
    return archive
