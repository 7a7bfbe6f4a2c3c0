"""What the fixtures cannot show of the rules over the insides of nodes: scope, messages, standards."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ssm_hardening.core.errors import UsageError
from ssm_hardening.core.values import Inventory, Unknown, Why
from ssm_hardening.judge.engine import run
from ssm_hardening.model import Account, Instance, Subnet, Vpc, VpcEndpoint
from ssm_hardening.rules.catalogue import load_rules
from ssm_hardening.verdicts.findings import Failed, Finding, NotApplicable, Passed, Undecided
from ssm_hardening.verdicts.standards import BUILT_IN, Standard, load_standard
from tests.rules.builders import fact, lift, unknown
from tests.rules.builders_hosts import DROP_IN, connection, host, identity, inside, resolved, sudo_file, windows
from tests.rules.builders_live import AT, arn, bare, instance, live_preferences

INSIDE = ("HOST-01", "HOST-02", "HOST-03", "HOST-04", "HOST-05", "NET-02", "NET-03")
NOT_READ: Inventory[Any] = Inventory((), Unknown(Why.OUT_OF_SCOPE, AT, "not read from this source"))


def findings(account: Account, *rules: str, standard: Standard = BUILT_IN["baseline"]) -> dict[str, Finding]:
    return {each.subject: each for each in run(load_rules(only=rules), [account], standard).findings}


def old_agents(**thresholds: Any) -> Standard:
    baseline = BUILT_IN["baseline"]
    return replace(baseline, thresholds=replace(baseline.thresholds, **thresholds))


def part(kind: Any, address: str, **values: Any) -> Any:
    """Return an object of the network of which nothing else is known."""
    basics = {"address", "declaration", "origin", "exists"}
    unsaid = {name: unknown() for name in kind.__dataclass_fields__ if name not in basics}
    return fact(kind, address, unsaid | values, {})


def in_vpc(node: Instance) -> dict[str, Any]:
    """Return an account's network: the VPC of a node with an endpoint of its own for ssmmessages."""
    subnet = part(Subnet, "subnet-0123456789abcdef0", name="subnet-0123456789abcdef0", vpc="vpc-1")
    service = "com.amazonaws.ap-southeast-2.ssmmessages"
    endpoint = part(VpcEndpoint, arn("ec2", "vpc-endpoint/vpce-1"), name="vpce-1", service=service, vpc="vpc-1")
    vpc = part(Vpc, "vpc-1", name="vpc-1")
    return {"instances": [node], "subnets": [subnet], "vpcs": [vpc], "vpc_endpoints": [endpoint]}


def test_evidence_alone_is_judged_by_the_rules_that_look_inside_and_by_no_others() -> None:
    judged = run(load_rules(), [inside(host(), windows(2))], BUILT_IN["baseline"]).findings
    about = {each.rule.id for each in judged if not isinstance(each.verdict, NotApplicable)}
    assert about == set(INSIDE)


@pytest.mark.parametrize("rule", ["HOST-02", "HOST-03", "HOST-04", "HOST-05"])
def test_without_evidence_a_rule_says_how_to_get_some(rule: str) -> None:
    verdict = findings(bare(instances=[instance()], hosts=NOT_READ), rule)["account"].verdict
    assert isinstance(verdict, NotApplicable)
    assert verdict.gap is not None
    assert "ssm-harden host run --live --target" in verdict.message


@pytest.mark.parametrize("rule", INSIDE)
def test_a_node_without_evidence_beside_one_with_is_undecided(rule: str) -> None:
    gap = unknown("no evidence from inside i-2", Why.UNAVAILABLE)
    account = bare(instances=[], hosts=Inventory((host(), windows(2)), gap))
    verdict = findings(account, rule)["account"].verdict
    assert isinstance(verdict, Undecided)
    assert verdict.gap is gap


def test_aws_and_the_inside_are_both_judged() -> None:
    judged = findings(bare(instances=[instance()], hosts=[host(agent_version="2.3.68.0")]), "HOST-01")
    assert {subject: type(each.verdict) for subject, each in judged.items()} == {
        instance().address: Passed,
        host().address: Failed,
    }


def test_an_agent_too_old_for_the_preferences_fails_whatever_the_floor() -> None:
    documents = [live_preferences()]
    account = bare(session_documents=documents, instances=[], hosts=[host(agent_version="3.0.300.0")])
    verdict = findings(account, "HOST-01", standard=old_agents(agent_version_min="2.0"))[host().address].verdict
    assert isinstance(verdict, Failed)
    assert "live streaming, which requires agent version 3.0.356.0" in verdict.message
    assert "Run As" not in verdict.message


def test_a_floor_must_name_a_feature_and_a_version(tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text('[thresholds]\nagent_feature_floors = ["flying=1.0"]\n')
    with pytest.raises(UsageError, match="agent_feature_floors"):
        load_standard(str(mine))


def test_the_vpcs_own_endpoint_is_named() -> None:
    account = bare(**in_vpc(instance()), hosts=[host()])
    message = findings(account, "NET-02")[host().address].verdict.message
    assert "10.0.1.10 (ssmmessages.ap-southeast-2.amazonaws.com, the VPC endpoint vpce-1)" in message
    assert "10.0.1.11 (ssm.ap-southeast-2.amazonaws.com, a private address)" in message


@pytest.mark.parametrize(("required", "kind"), [(False, Passed), (True, Failed)])
def test_a_public_way_fails_only_where_endpoints_are_asked_for(required: bool, kind: type) -> None:  # noqa: FBT001 - a case
    names = Inventory((resolved("ssm"), resolved("ssmmessages", ("52.119.193.101",))))
    node = host(connections=Inventory((connection("52.119.193.101", private=False),)), names=names)
    standard = old_agents(private_endpoints_required=required)
    verdict = findings(inside(node), "NET-03", standard=standard)[node.address].verdict
    assert isinstance(verdict, kind)
    assert "52.119.193.101" in verdict.message


def test_a_rule_by_a_group_is_not_pinned_on_a_file_of_another_user() -> None:
    files = Inventory((sudo_file(DROP_IN, grants=["ssm-user2 ALL=(ALL) ALL"]),))
    node = host(identities=Inventory((identity(sudo=Inventory(("(ALL) ALL",))),)), sudo_files=files)
    assert "no file names the user" in findings(inside(node), "HOST-02")[node.address].verdict.message


def test_the_run_as_user_must_be_asked_for() -> None:
    account = bare(session_documents=[live_preferences()], hosts=[host(identities=Inventory((identity(),)))])
    (found,) = findings(account, "RUNAS-02").values()
    assert isinstance(found.verdict, Undecided)
    assert "--run-as session" in found.verdict.gap.detail


def test_a_check_of_code_loads_nothing_that_looks_inside() -> None:
    code = (
        "import sys; from ssm_hardening.rules.catalogue import load_rules; load_rules(documents_alone=True);"
        "print([name for name in sys.modules if name.startswith('ssm_hardening.') and "
        "name.rpartition('.')[2] in {'inside', 'hosts', 'os_users', 'host_users', 'agent_config', 'transcripts'}])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("endpoint", "kind"),
    [
        ("", Passed),
        ("ssm.eu-west-1.amazonaws.com", Passed),
        ("https://ssm-fips.us-gov-west-1.amazonaws.com:443", Passed),
        ("vpce-0a1b2c3d-x9y8.ssm.eu-west-1.vpce.amazonaws.com", Passed),
        ("ssm.cn-north-1.amazonaws.com.cn", Passed),
        ("http://ssm.eu-west-1.amazonaws.com", Failed),
        ("ssm.eu-west-1.amazonaws.com.example.org", Failed),
        ("mine.s3.eu-west-1.amazonaws.com", Failed),
        ("ec2-203-0-113-1.eu-west-1.compute.amazonaws.com", Failed),
        ("x1.execute-api.eu-west-1.amazonaws.com", Failed),
    ],
)
def test_a_service_of_aws_may_be_written_out_and_nothing_else_below_its_domain(endpoint: str, kind: type) -> None:
    ssm = lift({"Endpoint": lift(endpoint)})
    node = host(config=lift({"Ssm": ssm}), config_path="/etc/a.json", config_owner="0", config_mode="0600")
    (found,) = findings(inside(node), "HOST-04").values()
    assert isinstance(found.verdict, kind)
