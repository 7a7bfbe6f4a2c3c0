"""The same account as code, as a plan and as it is gives equal facts, origins aside; every exception is listed.

All that needs the applied roots is in this file: Terraform's runs take a while, and each worker would want its own.
What only code or only a plan can know stands in `plan_exceptions`.
"""

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, fields
from typing import Any

import pytest

from ssm_hardening.model import Account, Fact
from ssm_hardening.read.code.reader import read_terraform
from ssm_hardening.read.plan.reader import read_plans
from tests.parity.comparing import KINDS, NOT_COMPARED, UNKNOWN, Comparison, Difference, Outcome, State
from tests.parity.conftest import ROOTS, Shown
from tests.parity.plan_exceptions import CONTRADICTORY, ONE_SIDED, OPEN_IN_CODE, OPEN_IN_PLAN

pytestmark = pytest.mark.terraform

HISTORY = ("sessions", "document_events", "hosts", "guardrails")
"""What happened, what is inside nodes, and what the organization sets: code or the account does not tell of it."""

UNDECLARED = {"hardened": {"users", "groups", "associations"}, "careless": {"associations"}}
"""What these roots do not declare; the tests of each source look at it."""

_NAMED = {"boundary", "boundary_statements", "groups", "managed_policies", "statements", "tags"}
"""What is not known of a principal that the code only names."""

DECLARED = tuple(name for name in KINDS if name not in HISTORY)

# What code cannot know: the live value may be anything, so each such field is listed by the fact it is of.

_VERSIONS = {"changed", "default_version", "latest_version", "versions_agree"}
_RUNNING = {"agent_latest", "agent_version", "connected", "ping", "platform", "state"}
_BY_IMAGE = {"imds_hop_limit", "imds_tokens"}

OPEN: Mapping[str, Mapping[str, set[str]]] = {
    "hardened": {
        "aws_ssm_document.preferences": _VERSIONS,
        "aws_ssm_document.tail": _VERSIONS,
        "aws_ssm_document.database": _VERSIONS,
        "module.network.aws_vpc.this": {"workloads"},  # who else is there
        "aws_instance.linux": _RUNNING,
        "aws_instance.windows": _RUNNING,
        "aws_autoscaling_group.fleet": {*_RUNNING, "subnet"},
        "aws_ssm_activation.hybrid": {"expired", "used"},
    },
    "careless": {
        "aws_ssm_document.preferences": _VERSIONS,
        "aws_ssm_document.old_logs": _VERSIONS,
        "aws_vpc.this": {"workloads"},  # who else is there
        "aws_instance.web": {*_RUNNING, *_BY_IMAGE},
        "aws_instance.plain": {*_RUNNING, "security_groups"},  # the VPC's default group
        "aws_autoscaling_group.old": {*_RUNNING, "imds_hop_limit"},  # as the image says
        "aws_security_group.web": {"label"},  # the provider completes it
        "aws_vpc_endpoint.ssm": {"security_groups"},  # the VPC's default group
        "aws_ssm_activation.anybody": {"expired", "expires", "used"},
        "user on-call (named in aws_iam_user_policy.on_call)": _NAMED,
    },
}

# What only one side has.

ONLY_IN_CODE = {
    "hardened": {
        "module.network.aws_subnet.public",  # no node stands in it
        "aws_ssm_activation.hybrid",  # as a node: no machine has registered yet
    },
    "careless": {"aws_ssm_activation.anybody"},  # the same
}
ONLY_LIVE = {
    "hardened": {"AmazonSSMManagedEC2InstanceDefaultPolicy", "/ssm/managed-instance/activation-tier"},
    "careless": {
        "AdministratorAccess",
        "all-regions",  # the other Region's trail
        "default",  # the VPC's default group
        "/ssm/documents/console/public-sharing-permission",
        "/ssm/managed-instance/default-ec2-instance-management-role",
    },
}

DELEGATION = {
    "sid": "Enable IAM User Permissions",
    "effect": "Allow",
    "actions": ["kms:*"],
    "not_actions": None,
    "resources": ["*"],
    "not_resources": None,
    "principals": {"AWS": ["arn:aws:iam::123456789012:root"]},
    "not_principals": None,
    "conditions": None,
}
DIFFERENT = {
    # The guard is Terraform's: no API knows of it.
    ("aws_ssm_document.preferences", "prevent_destroy"): ((True, None), (False, None)),
    ("aws_ssm_document.tail", "prevent_destroy"): ((False, None),),
    ("aws_ssm_document.database", "prevent_destroy"): ((False, None),),
    ("aws_ssm_document.old_logs", "prevent_destroy"): ((False, None),),
    # The window counts when the key is deleted; until then AWS knows nothing but its default.
    ("aws_kms_key.old", "deletion_window_days"): ((7, 30),),
    # Where code gives no policy AWS writes down what it means by that.
    ("aws_kms_key.sessions", "statements"): (([], [DELEGATION]),),
}


def test_code_and_account_are_equal(compared: dict[str, Comparison]) -> None:
    assert compared.keys() == OPEN.keys()
    for root, comparison in compared.items():
        found = {kind: comparison.of(kind) for kind in DECLARED}
        assert list(_left_unread(comparison, UNDECLARED[root])) == []
        assert comparison.flat(comparison.code.account) == comparison.flat(comparison.live.account) == "123456789012"
        assert comparison.flat(comparison.code.region) == comparison.flat(comparison.live.region)
        assert list(_untrue(found.values())) == []
        assert _gathered(outcome.open_in_code for outcome in found.values()) == OPEN[root]
        assert {each for outcome in found.values() for each in outcome.only_in_code} == ONLY_IN_CODE[root]
        # IAM is the account's: the people and policies of the other root are there as well.
        assert {each for outcome in found.values() for each in outcome.only_live} >= ONLY_LIVE[root]


def _left_unread(comparison: Comparison, undeclared: AbstractSet[str]) -> Iterator[str]:
    """Name what one side did not read, and kinds of facts that the code does not declare."""
    for side in (comparison.code, comparison.live):
        yield from (f"{side.source}: {gap.detail}" for gap in side.gaps)
        yield from (f"{side.source}: {kind}" for kind in DECLARED if getattr(side, kind).gap is not None)
    yield from (
        f"no {kind}" for kind in DECLARED if kind not in undeclared and not getattr(comparison.code, kind).items
    )


def _own(tags: object) -> object:
    if not isinstance(tags, dict):
        return tags
    return {key: value for key, value in tags.items() if not str(key).startswith("aws:")}


def _untrue(found: Iterable[Outcome]) -> Iterator[Difference]:
    """Yield what code tells and is otherwise, the listed differences aside."""
    for outcome in found:
        for each in outcome.differences:
            if each.field == "tags" and _own(each.live) == each.code:
                continue  # AWS adds tags of its own to what comes of a launch template
            if each.field in {"exclusive", "named_in"}:
                continue  # that code lists all attached policies, or only names somebody: no API knows of it
            if (each.code, each.live) not in DIFFERENT.get((each.fact, each.field), ()):
                yield each


def _gathered(parts: Iterable[Mapping[str, AbstractSet[str]]]) -> dict[str, AbstractSet[str]]:
    return {address: names for part in parts for address, names in part.items()}


@dataclass(frozen=True, slots=True)
class Apart:
    """Where code and plan are not equal: fields by fact, and facts and gaps that one side alone has."""

    open_in_plan: dict[str, set[str]]
    open_in_code: dict[str, set[str]]
    contradictory: dict[str, set[str]]
    one_sided: set[str]


@pytest.mark.parametrize("root", ROOTS)
def test_code_and_plans_are_equal(root: str, shown: dict[str, Shown]) -> None:
    applied = shown[root]
    code = read_terraform([applied.folder]).accounts
    for name in (*applied.plans, "state"):
        plan = read_plans([applied.folder / f"{name}.json"]).accounts
        assert {each.source for each in plan} == {"plan"}
        assert name == "state" or [_place(each) for each in plan] == [_place(each) for each in code]
        found = _apart(code, plan, applied.state)
        key = f"{root}/{name}"
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
