"""One account in two Regions is judged alike as code and as it is, and what is denied passes nothing.

The root declares preferences, a log group, and a key in each Region; one bucket; nodes of every kind, those of a launch
template in the other Region; and a principal of every kind.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO

import pytest

from ssm_hardening.cli.entry import run
from ssm_hardening.sandbox.faults import Fault, FaultKind
from ssm_hardening.sandbox.server import Sandbox
from tests.parity.comparing import State
from tests.parity.conftest import Root

pytestmark = pytest.mark.terraform

NEAR, FAR = "eu-west-1", "us-east-1"
LIVE = ("--live", "--region", NEAR, "--region", FAR)
ASK_LIVE = "audit the live account"
"""How code answers a question that only the account can answer."""

Key = tuple[str, str, str]
"""A rule, a Region, and a subject: its ARN, or "account"."""

DIFFERENT = {
    ("PREF-15", NEAR): ("failed", "not_applicable"),  # the guard is Terraform's
    ("PREF-15", FAR): ("failed", "not_applicable"),
    ("ROLE-07", NEAR): ("undecided", "failed"),  # whether Default Host Management lends nodes a role
    ("S3-03", NEAR): ("undecided", "passed"),  # what S3 gives a new bucket, and code does not say
    ("S3-08", NEAR): ("undecided", "passed"),
}
NEW_CALLS = (
    "DescribeAutoScalingGroups",
    "DescribeLaunchConfigurations",
    "DescribeLaunchTemplateVersions",
    "GetAccountAuthorizationDetails",
)


Verdicts = Mapping[Key, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Applied:
    """The root in the account, as both were judged."""

    sandbox: Sandbox
    state: State
    code: Verdicts
    live: Verdicts


@pytest.fixture(scope="module")
def two_regions(server: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Applied]:
    """Return the root, applied to an account with nothing else in it."""
    server.reset()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in server.environment().items():
            patch.setenv(name, value)
        patch.delenv("AWS_PROFILE", raising=False)
        root = Root(tmp_path_factory.mktemp("parity") / "two", server)
        state = root.deployed()
        yield Applied(server, state, judged(state, str(root.folder)), judged(state, *LIVE))


def judged(state: State, *arguments: str) -> Verdicts:
    with redirect_stdout(StringIO()) as out:
        run(["plan", *arguments, "-q", "--no-remediation", "--format", "json"])
    found = json.loads(out.getvalue())["verdicts"]
    return {(each["rule"], each["region"], _arn(each["subject"], state)): each for each in found}


def _arn(subject: str, state: State) -> str:
    return str(state[subject]["arn"]) if subject in state else subject


def test_code_and_account_are_judged_alike(two_regions: Applied) -> None:
    code, live = two_regions.code, two_regions.live
    unanswered = {(rule, region) for (rule, region, _), each in code.items() if each["message"].endswith(ASK_LIVE)}
    asked = {key for key in code if key[:2] not in unanswered}
    theirs = {key for key in live if key[:2] not in unanswered}
    assert asked - theirs == set()
    differences = {
        key[:2]: (code[key]["verdict"], live[key]["verdict"])
        for key in asked
        if (code[key]["verdict"], code[key]["severity"]) != (live[key]["verdict"], live[key]["severity"])
    }
    assert differences == DIFFERENT
    assert {_why_only_live(key, two_regions.state) for key in theirs - asked} == {"launched", "bucket", "unread"}


def _why_only_live(key: Key, state: State) -> str:
    rule, region, subject = key
    declared = {each.get("arn") for each in state.values()}
    if region == FAR and ":instance/" in subject and subject not in declared:
        return "launched"  # by the declared Auto Scaling group
    if region == FAR and subject.startswith("arn:aws:s3:::"):
        return "bucket"  # the preferences of both Regions name it, and each Region is asked
    return "unread" if rule == "READ-01" else f"{key}"  # code is read as a whole


def test_principals_are_judged_once_for_the_account(two_regions: Applied) -> None:
    for found in (two_regions.code, two_regions.live):
        subjects = {key for key in found if key[0] in {"OPER-01", "ROLE-03"}}
        assert {(rule, region, subject.rpartition(":")[2]) for rule, region, subject in subjects} == {
            ("OPER-01", "global", "role/operators"),
            ("OPER-01", "global", "user/alice"),
            ("OPER-01", "global", "group/staff"),
            ("OPER-01", "global", "policy/loose"),
            ("ROLE-03", "global", "role/node"),
        }


@pytest.mark.parametrize("call", NEW_CALLS)
def test_a_call_that_is_denied_leaves_verdicts_undecided(call: str, two_regions: Applied) -> None:
    two_regions.sandbox.set_faults([Fault(kind=FaultKind.DENIED, operation=call)])
    found = judged(two_regions.state, *LIVE)
    two_regions.sandbox.set_faults([])
    before = {key: each["verdict"] for key, each in two_regions.live.items()}
    changed = {key: each["verdict"] for key, each in found.items() if each["verdict"] != before.get(key)}
    assert set(changed.values()) == {"undecided"}


def test_a_template_that_is_denied_leaves_what_its_group_says(two_regions: Applied) -> None:
    two_regions.sandbox.set_faults([Fault(kind=FaultKind.DENIED, operation="DescribeLaunchTemplateVersions")])
    found = judged(two_regions.state, *LIVE, "--only", "NET-01", "--only", "NET-03", "--only", "PATH-01")
    two_regions.sandbox.set_faults([])
    group = two_regions.state["aws_autoscaling_group.far"]["arn"]
    assert {rule: found[rule, FAR, group]["verdict"] for rule in ("NET-01", "NET-03", "PATH-01")} == {
        "NET-01": "undecided",
        "NET-03": "failed",  # the subnets are the group's
        "PATH-01": "failed",
    }
