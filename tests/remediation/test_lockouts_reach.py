"""What endpoints and a narrower way out could cut off: the plan names it, and its stages keep it from happening."""

from ssm_hardening.model import Account
from ssm_hardening.remediation.plan import RemediationPlan
from tests.remediation.networks import endpoint, network, vpc
from tests.remediation.proposing import (
    asked,
    canary_of,
    lockout,
    planned,
    stage_of,
    step_of,
)
from tests.rules.builders import unknown

CORE = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
START = "ssm:StartSession"
CHECKED = {"BoolIfExists": {"ssm:SessionDocumentAccessCheck": "true"}}


def endpoints(account: Account, *rules: str) -> RemediationPlan:
    (node,) = account.instances
    return planned(account, *((rule, node) for rule in rules))


def test_private_dns_names_who_else_resolves_through_the_vpc_and_asks() -> None:
    plan = endpoints(network(), "NET-03")
    assert "eni-billing" in lockout(plan, "private DNS is on for the new endpoints in vpc-1").stops
    assert asked(plan, "Who else resolves", "vpc-1")
    assert stage_of(plan, "private-endpoints") == 1


def test_a_vpc_whose_workloads_were_not_read_is_no_empty_vpc() -> None:
    plan = endpoints(network(vpcs=[vpc(workloads=unknown())]), "NET-03")
    assert "the list was not read" in lockout(plan, "private DNS is on for the new endpoints in vpc-1").stops


def test_dns_that_is_off_is_switched_on_first() -> None:
    plan = endpoints(network(vpcs=[vpc(dns_hostnames=False)]), "NET-03")
    assert "before the endpoints stage (NET-04)" in lockout(plan, "DNS hostnames off").avoided_by
    assert any("DNS support and DNS hostnames are on" in check for stage in plan.stages for check in stage.checks)


def test_an_endpoint_without_private_dns_is_named_before_the_way_out_is_narrowed() -> None:
    nameless = endpoint("ssm", private_dns=False)
    account = network(vpc_endpoints=[nameless])
    (node,) = account.instances
    plan = planned(account, ("NET-03", node), ("NET-02", node))
    assert "before you restrict outbound traffic" in lockout(plan, nameless.address, "public name").avoided_by
    attach, _ = step_of(plan, "modify-instance-attribute")
    assert stage_of(plan, "private-endpoints") < canary_of(plan) < attach.number


def test_switching_private_dns_on_names_who_else_is_answered() -> None:
    nameless = endpoint("ssm", private_dns=False)
    account = network(vpc_endpoints=[nameless])
    plan = planned(account, ("NET-04", nameless))
    assert "eni-billing" in lockout(plan, f"private DNS of {nameless.address} is turned on").stops


def test_a_narrower_way_out_is_attached_by_hand_after_the_canary_one_node_first() -> None:
    plan = endpoints(network(), "NET-02")
    assert "directories" in lockout(plan, "use only the security group of").stops
    stage, step = step_of(plan, "modify-instance-attribute")
    assert stage.number > canary_of(plan) > stage_of(plan, "node-security-group")
    assert "one node at a time" in step.what
    assert "is unknown" in step.why


def test_a_way_out_that_is_narrowed_in_code_is_named_too() -> None:
    plan = endpoints(network(subnets=[]), "NET-02")
    assert "node-security-group" not in {call.module for call in plan.modules}
    assert "directories" in lockout(plan, "restricted manually").stops
