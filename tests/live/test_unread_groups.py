"""Auto Scaling groups that were not read add nodes: they leave nothing open about a node that was."""

import json

from ssm_hardening.sandbox.faults import Fault, FaultKind
from ssm_hardening.sandbox.server import Sandbox
from tests.live.conftest import Here
from tests.read.live import fleet

LIVE = ("--live", "--region", "ap-southeast-2", "--only", "NET-03", "-q", "--no-remediation", "--format", "json")


def verdicts(here: Here) -> dict[str, str]:
    found = json.loads(here("plan", *LIVE).out)["verdicts"]
    return {each["subject"].rpartition("/")[2]: each["verdict"] for each in found}


def test_a_node_without_a_way_out_stays_failed_beside_groups_that_were_not_read(sandbox: Sandbox, here: Here) -> None:
    sandbox.reset("empty")
    home = fleet.vpc()
    (node,) = fleet.launched(SubnetId=fleet.subnet(home), SecurityGroupIds=[fleet.group(home)])
    assert verdicts(here) == {node: "failed"}

    sandbox.set_faults([Fault(kind=FaultKind.DENIED, operation="DescribeAutoScalingGroups")])
    assert verdicts(here) == {node: "failed", "account": "undecided"}


def test_endpoints_that_were_not_read_leave_it_open(sandbox: Sandbox, here: Here) -> None:
    sandbox.reset("empty")
    home = fleet.vpc()
    (node,) = fleet.launched(SubnetId=fleet.subnet(home), SecurityGroupIds=[fleet.group(home)])
    both = ("DescribeAutoScalingGroups", "DescribeVpcEndpoints")
    sandbox.set_faults([Fault(kind=FaultKind.DENIED, operation=each) for each in both])
    assert verdicts(here) == {node: "undecided", "account": "undecided"}
