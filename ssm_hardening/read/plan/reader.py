"""Reads plans and states: files of JSON in, accounts out."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ssm_hardening.core.redaction import sensitive_in
from ssm_hardening.model import Account
from ssm_hardening.read.facts.accounts import accounts_of
from ssm_hardening.read.graph import Reading
from ssm_hardening.read.paths import display
from ssm_hardening.read.plan.loading import load
from ssm_hardening.read.plan.marks import sensitive_texts
from ssm_hardening.read.plan.root import PlanRoot
from ssm_hardening.read.plan.shape import plan_of

SOURCE = "plan"
"""The source of an account that was read from a plan."""


def read_plans(files: Sequence[Path]) -> Reading:
    """Read what `terraform show -json` printed of plans or states.

    Raises UsageError for a file that is neither. A plan shows values, not text: nothing in it can be edited or waived.
    """
    accounts: list[Account] = []
    notes: list[str] = []
    texts: frozenset[str] = frozenset()
    for file in dict.fromkeys(files):
        data = load(file)
        plan = plan_of(data, display(file))
        texts |= sensitive_texts(data, plan)
        root = PlanRoot(plan)
        if root.literals() or root.gaps:
            accounts += (replace(account, source=SOURCE) for account in accounts_of(root, around=root))
        else:
            notes.append(f"nothing about Session Manager was found in {root.path}")
    sensitive = sensitive_in(accounts, texts)
    return Reading(accounts=tuple(accounts), notes=tuple(notes), parsed=len(files), sensitive=sensitive)
