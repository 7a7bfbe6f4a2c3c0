"""What we claim of configurations in the style of public modules, against a plan that Terraform makes of them."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ssm_hardening.core.values import Known, Unknown
from ssm_hardening.read.code.config import BlockConfig, IgnoringConfig
from ssm_hardening.read.code.inputs import Inputs
from ssm_hardening.read.graph import Config, Resource
from tests import tools
from tests.read.code.comparing import LATER, contradicts
from tests.read.code.evaluating import tree

FIXTURES = Path(__file__).parent / "fixtures" / "against"
CONFIGURATIONS = sorted(path.name for path in FIXTURES.iterdir() if path.is_dir() and path.name != "unset_inputs")
CALLS = ["", *(f"module.{name}" for name in CONFIGURATIONS), "module.unset_first", "module.unset_second"]
META = {"count", "for_each", "provider", "depends_on", "lifecycle", "provisioner", "connection", "timeouts", "dynamic"}

pytestmark = pytest.mark.terraform


@dataclass(frozen=True)
class Planned:
    """The managed resources of a plan, by address, with LATER where a value is known only after apply."""

    folder: Path
    resources: dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Planned:
    """Plan all configurations at once: starting the provider takes longer than everything else."""
    plugins = tools.init_options()
    folder = tmp_path_factory.mktemp("plan") / "against"
    shutil.copytree(FIXTURES, folder)
    _terraform(folder, "init", "-input=false", *plugins)
    _terraform(folder, "plan", "-input=false", "-refresh=false", "-var-file=values.tfvars", "-out=plan")
    shown = json.loads(_terraform(folder, "show", "-json", "plan"))
    changes = [change for change in shown["resource_changes"] if change["mode"] == "managed"]
    return Planned(folder, {each["address"]: _after(each["change"]) for each in changes})


def _terraform(folder: Path, *arguments: str) -> str:
    env = tools.environment(os.environ) | {"AWS_EC2_METADATA_DISABLED": "true"}
    done = subprocess.run(
        [tools.terraform(), *arguments], cwd=folder, env=env, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _after(change: dict[str, Any]) -> dict[str, Any]:
    merged: dict[str, Any] = _with_unknowns(change["after"], change["after_unknown"])
    return merged


def _with_unknowns(after: Any, unknown: Any) -> Any:
    if unknown is True:
        return LATER
    if isinstance(unknown, dict) and unknown:
        base = after or {}
        return {key: _with_unknowns(base.get(key), unknown.get(key)) for key in {**base, **unknown}}
    if isinstance(unknown, list) and unknown:
        base = after or [None] * len(unknown)
        return [_with_unknowns(*pair) for pair in zip(base, unknown, strict=False)]
    return after


def _within(address: str, call: str) -> bool:
    if call:
        return address.startswith((f"{call}.", f"{call}["))
    return not address.startswith("module.")


def _claimed(planned: Planned, inputs: Inputs) -> dict[str, Resource]:
    read = tree(planned.folder, inputs)
    types = {key[1] for folder in planned.folder.glob("**/") for key in _types(folder)}
    found = {resource.address: resource for resource in read.resources(*types)}
    assert not read.gaps
    return found


def _types(folder: Path) -> Iterator[tuple[str, str, str]]:
    from ssm_hardening.read.code.modules import load_module

    return iter(load_module(folder).resources)


@pytest.fixture(scope="module", params=["values unknown", "values given"])
def claimed(request: pytest.FixtureRequest, planned: Planned) -> dict[str, Resource]:
    files = (planned.folder / "values.tfvars",) if request.param == "values given" else ()
    return _claimed(planned, Inputs(files=files))


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.removeprefix("module.") or "root")
def test_the_same_resources_exist(planned: Planned, claimed: dict[str, Resource], call: str) -> None:
    real = {address for address in planned.resources if _within(address, call)}
    ours = {address: resource.exists for address, resource in claimed.items() if _within(address, call)}
    assert real
    certain = {address for address, exists in ours.items() if isinstance(exists, Known) and exists.value}
    open_ = {address for address, exists in ours.items() if isinstance(exists, Unknown)}
    assert {address for address in certain if "[*]" not in address} <= real
    missing = {address for address in real - certain - open_ if not any(_may_be(address, each) for each in open_)}
    assert not missing


def _may_be(address: str, pattern: str) -> bool:
    head, star, tail = pattern.partition("[*]")
    return bool(star) and address.startswith(head) and (not tail or tail.strip(".") in address)


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.removeprefix("module.") or "root")
def test_arguments_are_what_terraform_plans(planned: Planned, claimed: dict[str, Resource], call: str) -> None:
    wrong = [
        f"{address}{found}"
        for address, resource in claimed.items()
        if _within(address, call) and address in planned.resources
        for found in _differences(resource.config, planned.resources[address], strict=resource.type == "terraform_data")
    ]
    assert not wrong, "\n".join(wrong)


def _differences(config: Config, real: Any, *, strict: bool) -> Iterator[str]:
    written = config.body if isinstance(config, IgnoringConfig) else config
    assert isinstance(written, BlockConfig)
    for name in {attribute.name for attribute in written.body.attributes} - META:
        found = contradicts(config.get(name), real.get(name), strict=strict)
        if found is not None:
            yield f".{name}: {found}"
    types = {block.labels[0] if block.type == "dynamic" else block.type for block in written.body.blocks}
    for name in types - META:
        yield from _nested(config, name, real.get(name), strict=strict)


def _nested(config: Config, name: str, real: Any, *, strict: bool) -> Iterator[str]:
    found = config.blocks(name)
    planned = [] if real is None or real is LATER else real if isinstance(real, list) else [real]
    if found.gap is None and real is not LATER and len(found) != len(planned):
        yield f".{name}: {len(found)} blocks, not {len(planned)}"
        return
    for block in found:
        answers = [list(_differences(block, each, strict=strict)) for each in planned]
        if [] not in answers and real is not LATER and isinstance(block, BlockConfig):
            yield f".{name}{answers[0][0] if answers else ': there is none'}"


KNOWN_FULLY = [name for name in CONFIGURATIONS if name != "public_module_style"]


@pytest.mark.parametrize("name", KNOWN_FULLY)
def test_nothing_is_unknown_that_terraform_knows(planned: Planned, claimed: dict[str, Resource], name: str) -> None:
    unknown = [
        f"{address}.{attribute.name}: {value.detail}"
        for address, resource in claimed.items()
        if _within(address, f"module.{name}") and isinstance(resource.config, BlockConfig)
        for attribute in resource.config.body.attributes
        if attribute.name not in META
        and isinstance(value := resource.config.get(attribute.name), Unknown)
        and planned.resources[address].get(attribute.name) is not LATER
    ]
    assert not unknown, "\n".join(unknown)
