"""The same configuration as code and as a plan gives equal facts; what only one of them can know is listed here."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import pytest

from ssm_hardening.model import Account, Fact
from ssm_hardening.read.code.reader import read_terraform
from ssm_hardening.read.plan.reader import read_plans
from ssm_hardening.sandbox.server import Sandbox, running
from tests import tools
from tests.parity.comparing import KINDS, NOT_COMPARED, UNKNOWN, Comparison, State, state_of

pytestmark = pytest.mark.terraform

HERE = Path(__file__).parent
ROOTS = ("careless", "hardened", "grown")

CONTENT = {
    "cloudwatch_encryption_enabled", "cloudwatch_log_group", "cloudwatch_streaming_enabled", "content_error",
    "idle_session_timeout", "kms_key", "max_session_duration", "parameters", "properties", "run_as_default_user",
    "run_as_enabled", "s3_bucket", "s3_encryption_enabled", "s3_key_prefix", "schema_version", "session_type",
    "shell_profile_linux", "shell_profile_windows", "unknown_keys",
}  # fmt: skip
"""All that stands in a document's content, which is one text: known to a plan as a whole or not at all."""

Names = Mapping[str, set[str]]

OPEN_IN_PLAN: Mapping[str, Names] = {
    "careless/again": {
        "aws_ssm_document.old_logs": {"prevent_destroy"},
        "aws_ssm_document.preferences": {"prevent_destroy"},
    },
    "careless/planned": {
        "aws_cloudwatch_log_group.old": {"used_by"},
        "aws_kms_key.old": {"used_by"},
        "aws_s3_bucket.old": {"expiration_days", "replicates_to", "used_by"},
        "aws_ssm_document.old_logs": {*CONTENT, "prevent_destroy"},
        "aws_ssm_document.preferences": {"prevent_destroy"},
    },
    "careless/state": {
        "aws_ssm_document.old_logs": {"prevent_destroy"},
        "aws_ssm_document.preferences": {"prevent_destroy"},
    },
    "grown/planned": {
        "aws_ssm_document.more[0]": {"prevent_destroy"},
        "aws_ssm_document.more[1]": {"prevent_destroy"},
        "aws_ssm_document.preferences": {"prevent_destroy"},
        "module.far[0].aws_s3_bucket.this": {"expiration_days", "replicates_to", "statements", "tls_only"},
        "module.nodes.aws_security_group.more[0]": {"outbound"},
    },
    "grown/state": {
        "aws_ssm_document.more[0]": {"prevent_destroy"},
        "aws_ssm_document.more[1]": {"prevent_destroy"},
        "aws_ssm_document.preferences": {"prevent_destroy"},
    },
    "hardened/again": {
        "aws_ssm_document.database": {"prevent_destroy"},
        "aws_ssm_document.preferences": {"prevent_destroy"},
        "aws_ssm_document.tail": {"prevent_destroy"},
    },
    "hardened/planned": {
        "aws_cloudwatch_log_group.sessions": {"used_by"},
        "aws_iam_role.default_management": {"statements"},
        "aws_iam_role.node": {"statements"},
        "aws_iam_role_policy.record": {"statements"},
        "aws_instance.windows": {"imds_hop_limit", "imds_tokens"},
        "aws_kms_key.logs": {"used_by"},
        "aws_kms_key.sessions": {"used_by"},
        "aws_s3_bucket.access": {"expiration_days", "replicates_to", "statements", "tls_only", "used_by"},
        "aws_s3_bucket.logs": {"expiration_days", "replicates_to", "statements", "tls_only", "used_by"},
        "aws_ssm_document.database": {"prevent_destroy"},
        "aws_ssm_document.preferences": {*CONTENT, "prevent_destroy"},
        "aws_ssm_document.tail": {"prevent_destroy"},
        "module.network.aws_security_group.nodes": {"inbound"},
        "module.network.aws_subnet.private": {"way_out"},
        "module.network.aws_subnet.public": {"way_out"},
        "module.network.aws_subnet.routed": {"way_out"},
    },
    "hardened/state": {
        "aws_instance.windows": {"key_name"},
        "aws_ssm_document.database": {"prevent_destroy"},
        "aws_ssm_document.preferences": {"prevent_destroy"},
        "aws_ssm_document.tail": {"prevent_destroy"},
    },
}
"""What a plan leaves open: what lifecycle says; texts with a part known after apply; blocks that might be dynamic."""

OPEN_IN_CODE: Mapping[str, Names] = {
    "careless/again": {
        "aws_instance.web": {"imds_hop_limit", "imds_tokens"},
        "aws_security_group.web": {"label"},
        "aws_ssm_activation.anybody": {"expires"},
        "aws_vpc_endpoint.ssm": {"security_groups"},
    },
    "careless/state": {
        "aws_instance.web": {"imds_hop_limit", "imds_tokens"},
        "aws_security_group.web": {"label"},
        "aws_ssm_activation.anybody": {"expires"},
        "aws_vpc_endpoint.ssm": {"security_groups"},
    },
    "grown/planned": {
        "module.nodes.aws_instance.old": {"imds_hop_limit", "imds_tokens"},
    },
    "grown/state": {
        "module.nodes.aws_instance.old": {"imds_hop_limit", "imds_tokens"},
    },
}
"""What AWS chose, and a later plan knows."""

CONTRADICTORY: Mapping[str, Names] = {
    "careless/state": {
        "aws_instance.plain": {"public_ip"},
    },
    "grown/planned": {
        "aws_kms_key.sessions": {"statements"},
        "module.nodes.aws_instance.old": {"public_ip"},
    },
    "grown/state": {
        "aws_kms_key.far[0]": {"statements"},
        "aws_kms_key.sessions": {"statements"},
        'module.nodes.aws_instance.new["web"]': {"public_ip"},
        "module.nodes.aws_instance.old": {"public_ip"},
    },
    "hardened/again": {
        "aws_instance.linux": {"public_ip"},
        "aws_instance.windows": {"public_ip"},
        "aws_kms_key.sessions": {"statements"},
    },
    "hardened/state": {
        "aws_instance.linux": {"public_ip"},
        "aws_instance.windows": {"public_ip"},
        "aws_kms_key.sessions": {"statements"},
    },
}
"""Policies that AWS writes where code has none; addresses that the simulated account gives of its own."""

ONE_SIDED: Mapping[str, AbstractSet[str]] = {
    "grown/planned": {"aws_ssm_document.gone", "aws_ssm_document.gone[0]"},
    "grown/state": {"aws_ssm_document.gone"},
    "hardened/planned": {"policies"},
}
"""What count takes away is no instance of a plan, or one that it deletes; a block that might be dynamic is a gap."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A root module and what `terraform show -json` gave: plans by name, and the state after apply."""

    folder: Path
    plans: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Apart:
    """Where code and plan are not equal: fields by fact, and facts and gaps that one side alone has."""

    open_in_plan: dict[str, set[str]]
    open_in_code: dict[str, set[str]]
    contradictory: dict[str, set[str]]
    one_sided: set[str]


def _shown(folder: Path, terraform: Path, plugins: list[str], sandbox: Sandbox) -> Shown:
    shutil.copytree(HERE / folder.name, folder)
    environment = tools.environment(sandbox.environment(os.environ))

    def run(*arguments: str) -> str:
        ended = subprocess.run(
            [terraform, *arguments, "-no-color"],
            cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        assert ended.returncode == 0, ended.stdout[-3000:] + ended.stderr[-3000:]
        return ended.stdout

    def keep(name: str, *arguments: str) -> None:
        (folder / f"{name}.json").write_text(run("show", "-json", *arguments), encoding="utf-8")

    run("init", *plugins)
    if folder.name == "grown":
        run("apply", "-auto-approve", "-var=first=true")
    run("plan", "-out=saved")
    keep("planned", "saved")
    run("apply", "saved")
    keep("state")
    if folder.name == "grown":
        return Shown(folder, ("planned",))
    run("plan", "-out=saved")
    keep("again", "saved")
    return Shown(folder, ("planned", "again"))


def test_code_and_plans_are_equal(tmp_path: Path) -> None:
    """One test for all: Terraform's runs take a minute, and workers would each want their own."""
    terraform, plugins = tools.terraform(), tools.init_options()
    with running() as sandbox, ThreadPoolExecutor() as pool:
        made = list(pool.map(lambda name: _shown(tmp_path / name, terraform, plugins, sandbox), ROOTS))
    for shown in made:
        state = state_of(json.loads((shown.folder / "state.json").read_text(encoding="utf-8")))
        code = read_terraform([shown.folder]).accounts
        for name in (*shown.plans, "state"):
            plan = read_plans([shown.folder / f"{name}.json"]).accounts
            assert {each.source for each in plan} == {"plan"}
            assert name == "state" or [_place(each) for each in plan] == [_place(each) for each in code]
            found = _apart(code, plan, state)
            key = f"{shown.folder.name}/{name}"
            assert (key, found.contradictory) == (key, CONTRADICTORY.get(key, {}))
            assert (key, found.open_in_plan) == (key, OPEN_IN_PLAN.get(key, {}))
            assert (key, found.open_in_code) == (key, OPEN_IN_CODE.get(key, {}))
            assert (key, found.one_sided) == (key, ONE_SIDED.get(key, set()))


def _place(account: Account) -> tuple[object, object]:
    return getattr(account.account, "value", None), getattr(account.region, "value", None)


def _apart(code: tuple[Account, ...], plan: tuple[Account, ...], state: State) -> Apart:
    found = Apart({}, {}, {}, set())
    flat = Comparison(code[0], plan[0], state).flat
    for kind in KINDS:
        ours, theirs = _facts(code, kind), _facts(plan, kind)
        found.one_sided.update(ours.keys() ^ theirs.keys())
        found.one_sided.update({kind} if _has_gap(code, kind) != _has_gap(plan, kind) else set())
        for address in ours.keys() & theirs.keys():
            for field in fields(ours[address]):
                one, other = (flat(getattr(each, field.name)) for each in (ours[address], theirs[address]))
                if field.name not in NOT_COMPARED and one != other:
                    _part(found, one, other).setdefault(address, set()).add(field.name)
    return found


def _part(found: Apart, code: Any, plan: Any) -> dict[str, set[str]]:
    if UNKNOWN in repr(plan):
        return found.open_in_plan
    return found.open_in_code if UNKNOWN in repr(code) else found.contradictory


def _facts(accounts: tuple[Account, ...], kind: str) -> dict[str, Fact]:
    return {each.address: each for account in accounts for each in getattr(account, kind)}


def _has_gap(accounts: tuple[Account, ...], kind: str) -> bool:
    return any(getattr(each, kind).gap is not None for each in accounts)
