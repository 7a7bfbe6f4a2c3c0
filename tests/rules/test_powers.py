"""Every combination of the table, as a person and as a node: what raises its holder fails, what lacks a part passes."""

from pathlib import Path
from typing import Any

import pytest

from ssm_hardening.core.values import Inventory
from ssm_hardening.iam.powers import Holder, Need, Power, Use, arbitrary, powers_of
from ssm_hardening.iam.statements import Statement
from ssm_hardening.model import Account, Role
from ssm_hardening.verdicts.findings import Failed, Finding, Passed, Severity, Undecided, Verdict
from tests.rules.builders_live import OWNER, bare
from tests.rules.builders_people import allow, deny, role, staffed, trust
from tests.rules.fixtures import judge

LISTED = Path(__file__).parents[1] / "iam" / "published_escalations.txt"
PUBLISHED = [line.split() for line in LISTED.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]

PEOPLE = powers_of(Use.ESCALATION, Use.ROLES, raises=Holder.PEOPLE)
NODES = powers_of(Use.ESCALATION, raises=Holder.NODES)
MOVES = powers_of(Use.SESSIONS, Use.COMMANDS, Use.ROLES, Use.SHELLS, Use.DOCUMENTS, raises=Holder.NODES)
ASKED = {"OPER-07": PEOPLE, "ROLE-01": NODES, "ROLE-06": MOVES}
CASES = [(rule, power) for rule, powers in ASKED.items() for power in powers]
ACTIONS = {rule: [frozenset(power.actions) for power in powers] for rule, powers in ASKED.items()}
ARN = f"arn:aws:iam::{OWNER}"


def holder(rule: str, *statements: Statement, **more: Any) -> Role:
    if rule == "OPER-07":
        return role(*statements, name="holder", kind="other", **more)
    admitted = Inventory((trust(principals={"Service": ["ec2.amazonaws.com"]}, conditions=None),))
    return role(*statements, name="holder", kind="node", trust=admitted, trusted_services=["ec2.amazonaws.com"], **more)


def findings(rule: str, account: Account) -> list[Finding]:
    return [each for each in judge(rule, [account]) if each.subject.endswith("/holder")]


def verdict(rule: str, *statements: Statement, others: tuple[Role, ...] = (), **more: Any) -> Verdict:
    (finding,) = findings(rule, staffed(holder(rule, *statements), *others, **more))
    return finding.verdict


def code(**overrides: Any) -> dict[str, Any]:
    """Return what makes an account one of code, which need not hold every role."""
    return {"source": "terraform", **overrides}


def is_asked(rule: str, actions: frozenset[str]) -> bool:
    return any(each <= actions for each in ACTIONS[rule])


def ids(value: object) -> str:
    return value.id if isinstance(value, Power) else str(value)


@pytest.mark.parametrize("combination", PUBLISHED, ids=" ".join)
def test_a_published_combination_fails_for_people_and_for_nodes(combination: list[str]) -> None:
    one = role(allow(combination), name="holder", kind="operator")
    of_people = [f for rule in ("OPER-01", "OPER-05", "OPER-07", "OPER-10") for f in findings(rule, staffed(one))]
    assert any(isinstance(each.verdict, Failed) for each in of_people)
    of_nodes = [verdict(rule, allow(combination)) for rule in ("ROLE-01", "ROLE-06")]
    assert any(isinstance(each, Failed) for each in of_nodes)


@pytest.mark.parametrize(("rule", "power"), CASES, ids=ids)
def test_what_raises_its_holder_fails_where_it_is_granted(rule: str, power: Power) -> None:
    grant = allow(list(power.actions))
    found = verdict(rule, grant)
    assert isinstance(found, Failed)
    assert found.at == grant.at
    smaller = {each.title for each in ASKED[rule] if set(each.needs) <= set(power.needs)}
    assert any(title in found.message for title in smaller)
    assert isinstance(verdict(rule, grant, deny([power.actions[-1]])), Failed | Passed)


@pytest.mark.parametrize(("rule", "power"), CASES, ids=ids)
def test_what_lacks_a_part_passes_unless_the_rest_is_enough(rule: str, power: Power) -> None:
    for missing in power.actions:
        rest = frozenset(power.actions) - {missing}
        expected = Failed if is_asked(rule, rest) else Passed
        alone = verdict(rule, allow(sorted(rest) or ["sts:GetCallerIdentity"]))
        denied = verdict(rule, allow(list(power.actions)), deny([missing]))
        assert (type(alone), type(denied)) == (expected, expected), f"{power.id} without {missing}"


LENT = [(rule, power) for rule, power in CASES if any(need.passed_to for need in power.needs)]
ADMINISTRATOR = [allow(["*"])]


def lent(rule: str, power: Power, *statements: Statement, on: str = f"{ARN}:role/lent", **more: Any) -> Verdict:
    """Grant what runs something, and to pass one role, which can do what the statements allow."""
    (service,) = {need.passed_to for need in power.needs if need.passed_to}
    admitted = Inventory((trust(principals={"Service": [service]}, conditions=None),))
    other = role(*statements, name="lent", kind="other", trust=admitted, trusted_services=[service])
    runs = [action for action in power.actions if action != "iam:PassRole"]
    return verdict(rule, allow(runs), allow(["iam:PassRole"], [on]), others=(other,) if statements else (), **more)


@pytest.mark.parametrize(("rule", "power"), LENT, ids=ids)
def test_passing_one_role_raises_whom_it_makes_more_powerful(rule: str, power: Power) -> None:
    if is_asked(rule, frozenset(power.actions) - {"iam:PassRole"}):
        return  # what it takes beside the role is enough
    assert isinstance(lent(rule, power, *ADMINISTRATOR), Failed)
    assert isinstance(lent(rule, power, *ADMINISTRATOR, on=f"{ARN}:role/l*"), Failed)
    assert isinstance(lent(rule, power, allow(["iam:CreateAccessKey"])), Failed)
    assert isinstance(lent(rule, power, allow(["s3:GetObject"])), Passed)
    assert isinstance(lent(rule, power, on=f"{ARN}:role/holder"), Passed)
    assert isinstance(lent(rule, power, **code()), Undecided)
    assert isinstance(lent(rule, power, on="arn:aws:iam::999999999999:role/lent", **code()), Passed)


@pytest.mark.parametrize(("rule", "power"), LENT, ids=ids)
def test_a_role_that_may_be_passed_to_another_service_raises_nobody(rule: str, power: Power) -> None:
    if is_asked(rule, frozenset(power.actions) - {"iam:PassRole"}):
        return
    runs = [action for action in power.actions if action != "iam:PassRole"]
    elsewhere = {"StringEquals": {"iam:PassedToService": ["unnamed.amazonaws.com"]}}
    assert isinstance(verdict(rule, allow(runs), allow(["iam:PassRole"], conditions=elsewhere)), Passed)
    other = role(*ADMINISTRATOR, name="lent", kind="other")
    named = verdict(rule, allow(runs), allow(["iam:PassRole"], [f"{ARN}:role/lent"]), others=(other,))
    assert isinstance(named, Passed)


HAVING = [
    (rule, power)
    for rule, power in CASES
    if power.use is Use.ESCALATION and not any(each.startswith(("iam:", "sts:", "sso")) for each in power.actions)
]


def named(need: Need) -> list[str]:
    if need.on == "anything":
        return ["*"]
    arn = str(arbitrary(need.on, bare().account, bare().region))
    return [arn.replace("nnamed", "sed").replace("0123", "7654").replace("0f6a", "1f6a")]


@pytest.mark.parametrize(("rule", "power"), HAVING, ids=ids)
def test_what_has_a_role_already_is_undecided_where_it_is_named(rule: str, power: Power) -> None:
    grants = [allow([need.action], named(need)) for need in power.needs]
    assert isinstance(verdict(rule, *grants), Undecided)


def test_nodes_that_change_who_may_do_what_are_worse_than_those_that_use_what_has_a_role() -> None:
    severities = [
        getattr(verdict("ROLE-01", allow([action])), "severity", None)
        for action in ("iam:UpdateAssumeRolePolicy", "sso:PutInlinePolicyToPermissionSet", "lambda:UpdateFunctionCode")
    ]
    assert severities == [Severity.CRITICAL, Severity.CRITICAL, Severity.HIGH]
