"""What somebody attached or opened by hand: a plan and a state tell it beside what the code's own resources say."""

from typing import Any

import pytest

from ssm_hardening.core.logic import as_items, known_or
from ssm_hardening.core.values import Absent, Unknown, Value
from tests.read.code.test_plan_configuration import found, module
from tests.read.code.test_plan_json import block, change, plan

OWN, ADMIN = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore", "arn:aws:iam::aws:policy/AdministratorAccess"
ROLE, ATTACHED, GROUP = "aws_iam_role.node", "aws_iam_role_policy_attachment.node", "aws_security_group.node"
LISTS = ("cidr_blocks", "ipv6_cidr_blocks", "prefix_list_ids", "security_groups")
NO_RULE: dict[str, Any] = {each: [] for each in LISTS}


def kept(address: str, **values: Any) -> dict[str, Any]:
    return change(address, values, actions=["no-op"], before=values)


def role(*arns: str, **more: Any) -> dict[str, Any]:
    return kept(ROLE, name="node", id="node", managed_policy_arns=list(arns), **more)


def attached(*, after: str = OWN, before: str = OWN, actions: tuple[str, ...] = ("no-op",)) -> dict[str, Any]:
    was, will = ({"role": "node", "policy_arn": arn} for arn in (before, after))
    return change(ATTACHED, will if actions != ("delete",) else {}, actions=list(actions), before=was)


def elements(value: Value[Any]) -> tuple[Value[Any], ...]:
    assert not isinstance(value, Unknown)
    found = () if isinstance(value, Absent) else as_items(value).items
    return tuple(found)


def arns(*changes: dict[str, Any]) -> Any:
    role = found(plan(*changes, configuration=module(block(ROLE), block(ATTACHED))), ROLE)
    return [known_or(each, None) for each in elements(role.config.get("managed_policy_arns"))]


def test_a_policy_that_was_attached_by_hand_stays() -> None:
    assert arns(role(OWN, ADMIN), attached()) == [ADMIN]


def test_what_the_attachments_say_counts_there_alone() -> None:
    assert arns(role(OWN), attached()) == []


@pytest.mark.parametrize("actions", [("update",), ("delete", "create")])
def test_what_the_plan_exchanges_is_not_left_by_hand(actions: tuple[str, ...]) -> None:
    assert arns(role(ADMIN), attached(before=ADMIN, actions=actions)) == []


def test_what_the_plan_detaches_is_gone() -> None:
    assert arns(role(OWN, ADMIN), attached(before=ADMIN, actions=("delete",))) == [OWN]


def test_a_list_that_the_code_keeps_removes_what_was_attached_by_hand() -> None:
    only = kept("aws_iam_role_policy_attachments_exclusive.node", role_name="node", policy_arns=[OWN])
    assert arns(role(OWN, ADMIN), attached(), only) == []


def test_an_inline_policy_of_another_name_was_put_by_hand() -> None:
    policies = [{"name": name, "policy": "{}"} for name in ("own", "by-hand")]
    own = kept("aws_iam_role_policy.own", role="node", name="own", policy="{}")
    data = plan(role(inline_policy=policies), own, configuration=module(block(ROLE), block("aws_iam_role_policy.own")))
    blocks = found(data, ROLE).config.blocks("inline_policy")
    assert blocks.gap is None
    assert [known_or(each.get("name"), None) for each in blocks.items] == ["by-hand"]


def rule(port: int, **sources: Any) -> dict[str, Any]:
    return {**NO_RULE, "self": False, "protocol": "tcp", "from_port": port, "to_port": port, **sources}


def opened(*rules: dict[str, Any], own: dict[str, Any]) -> list[tuple[Any, list[Any]]]:
    group = kept(GROUP, id="sg-0123456789abcdef0", name="node", ingress=list(rules))
    data = plan(group, own, configuration=module(block(GROUP), block(own["address"])))
    read = found(data, GROUP)
    blocks = read.config.blocks("ingress")
    assert blocks.gap is None
    told = [(known_or(each.get("from_port"), None), elements(each.get("cidr_blocks"))) for each in blocks.items]
    return [(port, [known_or(each, None) for each in several]) for port, several in told]


OF_A_RULE = kept(
    "aws_vpc_security_group_ingress_rule.own",
    security_group_id="sg-0123456789abcdef0", ip_protocol="tcp", from_port=443, to_port=443, cidr_ipv4="10.0.0.0/16",
)  # fmt: skip
OF_RULES = kept(
    "aws_security_group_rule.own",
    security_group_id="sg-0123456789abcdef0", type="ingress", protocol="tcp", from_port=443, to_port=443,
    cidr_blocks=["10.0.0.0/16"], source_security_group_id=None,
)  # fmt: skip


@pytest.mark.parametrize("own", [OF_A_RULE, OF_RULES], ids=["rule", "rules"])
def test_a_rule_that_was_opened_by_hand_stays(own: dict[str, Any]) -> None:
    told = (rule(443, cidr_blocks=["10.0.0.0/16", "0.0.0.0/0"]), rule(22, cidr_blocks=["0.0.0.0/0"]))
    assert opened(*told, own=own) == [(443, ["0.0.0.0/0"]), (22, ["0.0.0.0/0"])]
    assert opened(rule(443, cidr_blocks=["10.0.0.0/16"]), own=own) == []


@pytest.mark.parametrize("protocol", ["-1", "all"])
def test_every_protocol_has_no_ports(protocol: str) -> None:
    own = change(
        "aws_vpc_security_group_ingress_rule.own",
        {"security_group_id": "sg-0123456789abcdef0", "ip_protocol": protocol, "cidr_ipv4": "10.0.0.0/8"},
        actions=["no-op"],
    )
    told = {**rule(0, cidr_blocks=["10.0.0.0/8"]), "protocol": "-1"}
    assert opened(told, own=own) == []
