"""A simulated account read by the real collectors, and Terraform run against it by its own hands."""

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ssm_hardening.core.origins import ApiOrigin
from ssm_hardening.core.values import Inventory, Known
from ssm_hardening.judge.engine import run
from ssm_hardening.model import LIVE, Account
from ssm_hardening.read.live import buckets, documents, keys, log_groups
from ssm_hardening.read.live.asking import AccountInRegion, AwsApi
from ssm_hardening.read.live.clients import AwsTarget, Clients, WantedStores
from ssm_hardening.remediation.plan import RemediationPlan
from ssm_hardening.remediation.planning import plan_remediation
from ssm_hardening.remediation.rendering import GeneratedFolder, render
from ssm_hardening.rules.catalogue import load_rules
from ssm_hardening.sandbox.server import Sandbox
from ssm_hardening.verdicts.findings import Audit, Failed
from ssm_hardening.verdicts.standards import BUILT_IN, Standard
from tests import tools
from tests.provider import served
from tests.remediation.loop import read_text

BASELINE = BUILT_IN["baseline"]
PLAN = "adoption.tfplan"


def read_account(sandbox: Sandbox, wanted: WantedStores | None = None) -> Account:
    """Read what adoption is about: documents, stores and keys, with what makes them up and whose they are.

    No node is there.
    """
    caller = AwsApi(
        Clients(AwsTarget(region=sandbox.region)), AccountInRegion(account=sandbox.account, region=sandbox.region)
    )
    found = documents.session_documents(caller)
    stores = buckets.log_buckets(caller, found.facts, wanted or WantedStores())
    groups = log_groups.log_groups(caller, found.facts, wanted or WantedStores())
    used = keys.keys(caller, found.facts, stores.facts, groups.facts)
    at = ApiOrigin(caller.who.root, "sts:GetCallerIdentity")
    reads = (found, stores, groups, used)
    return Account(
        source=LIVE,
        root=f"{sandbox.account}/{sandbox.region}",
        at=at,
        account=Known(sandbox.account, at),
        region=Known(sandbox.region, at),
        session_documents=found.facts,
        log_buckets=stores.facts,
        log_groups=groups.facts,
        keys=used.facts,
        roles=Inventory(),
        instances=Inventory(),
        holdings=Inventory(tuple(each for read in reads for each in read.holdings)),
        owners=Inventory(tuple(each for read in reads for each in read.owners)),
    )


@dataclass(frozen=True, slots=True)
class Live:
    """What came of one account."""

    account: Account
    audit: Audit
    plan: RemediationPlan
    generated: GeneratedFolder

    def failed(self) -> set[tuple[str, str]]:
        return failures(self.audit)


def failures(audit: Audit) -> set[tuple[str, str]]:
    return {(each.rule.id, each.subject) for each in audit.findings if isinstance(each.verdict, Failed)}


def audited(*accounts: Account, standard: Standard = BASELINE) -> Audit:
    return run(load_rules(), accounts, standard)


def remedied_live(account: Account, *code: Account, into: bool = False, standard: Standard = BASELINE) -> Live:
    audit = audited(account, *code, standard=standard)
    plan = plan_remediation(audit, (*code, account), into=into, read_file=read_text, thresholds=standard.thresholds)
    return Live(account, audit, plan, render(plan))


def put(folder: Path, generated: GeneratedFolder) -> None:
    for name, text in generated.files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, newline="")


class Terraform:
    """Terraform in one folder, with the simulated account for AWS."""

    def __init__(self, folder: Path, sandbox: Sandbox) -> None:
        self.folder = folder
        self.program = tools.terraform()
        self.plugins = tools.init_options()
        self.environment = tools.environment(sandbox.environment(os.environ))

    def run(self, *words: str, codes: tuple[int, ...] = (0,)) -> str:
        answer = subprocess.run(
            [self.program, f"-chdir={self.folder}", *words],
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
            env=self.environment,
        )
        assert answer.returncode in codes, answer.stdout + answer.stderr
        return answer.stdout

    def init(self) -> None:
        self.run("init", "-input=false", "-no-color", *self.plugins)

    @contextmanager
    def served(self) -> Iterator["Terraform"]:
        """Initialise; then let all commands talk to one process of the provider, which each would start again."""
        self.init()
        with served(self.folder, self.environment) as told:
            self.environment |= told
            yield self

    def plan(self) -> dict[str, Any]:
        self.run("plan", "-input=false", "-no-color", f"-out={PLAN}")
        found: dict[str, Any] = json.loads(self.run("show", "-json", PLAN))
        return found

    def apply(self) -> None:
        """Apply what `plan` planned."""
        self.run("apply", "-input=false", "-no-color", PLAN)

    def plan_and_apply(self) -> None:
        """Do both in one command, for tests that do not look at the plan."""
        self.run("apply", "-input=false", "-no-color", "-auto-approve")

    def second_plan(self) -> str:
        """Return what a second plan says; it fails unless the plan is empty."""
        return self.run("plan", "-input=false", "-no-color", "-detailed-exitcode")
