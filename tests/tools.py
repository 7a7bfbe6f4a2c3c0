"""Terraform and its providers for tests, found as the product finds them; a test without them is skipped."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest

from ssm_hardening.verification import cli_config
from ssm_hardening.verification.providers import FIXED, Finder, Supply
from ssm_hardening.verification.tools import find_terraform

RARELY_COLLECTED = {"GOGC": "400"}
"""Go's collector takes a fifth of the time of a terraform that ends at once; this trades it for some memory."""


def terraform() -> Path:
    """Return terraform or tofu."""
    found = find_terraform(None)
    if found is None:
        pytest.skip("neither terraform nor tofu is on PATH")
    return found


def providers() -> Supply:
    """Return where hashicorp/aws comes from."""
    found = _finder(terraform()).providers()
    if found.problem:
        pytest.skip(f"no AWS provider: {found.problem}")
    return found


def init_options() -> list[str]:
    """Return what `init` is to be told so that it gets hashicorp/aws."""
    folder = providers().folder
    return [] if folder is None else [f"-plugin-dir={folder}"]


def environment(base: Mapping[str, str]) -> dict[str, str]:
    """Return an environment for terraform: of its own settings, only those by which it finds providers."""
    theirs = {name: text for name, text in base.items() if not name.startswith("TF_")}
    return RARELY_COLLECTED | theirs | cli_config.settings() | FIXED


@cache
def _finder(executable: Path) -> Finder:
    return Finder(None, executable)
