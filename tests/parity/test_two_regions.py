"""One account in two Regions is judged alike as code and as it is, and what is denied passes nothing.

The root declares preferences, a log group, and a key in each Region; one bucket; nodes of every kind, those of a launch
template in the other Region; and a principal of every kind.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

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


@dataclass(frozen=True, slots=True)
class Applied:
    """The root in the account."""

    folder: Path
    state: State
    sandbox: Sandbox


@pytest.fixture(scope="module")
def two_regions(server: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Applied]:
    """Return the root, applied to an account with nothing else in it."""
    server.reset()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in server.environment().items():
            patch.setenv(name, value)
        patch.delenv("AWS_PROFILE", raising=False)
        root = Root(tmp_path_factory.mktemp("parity") / "two", server)
        yield Applied(root.folder, root.deployed(), server)


Verdicts = Mapping[Key, Mapping[str, str]]


def judged(capfd: pytest.CaptureFixture[str], state: State, *arguments: str) -> Verdicts:
    run(["plan", *arguments, "-q", "--no-remediation", "--format", "json"])
    found = json.loads(capfd.readouterr().out)["verdicts"]
    return {(each["rule"], each["region"], _arn(each["subject"], state)): each for each in found}


def _arn(subject: str, state: State) -> str:
    return str(state[subject]["arn"]) if subject in state else subject


def test_code_and_account_are_judged_alike(two_regions: Applied, capfd: pytest.CaptureFixture[str]) -> None:
    code = judged(capfd, two_regions.state, str(two_regions.folder))
    live = judged(capfd, two_regions.state, *LIVE)

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


def test_principals_are_judged_once_for_the_account(two_regions: Applied, capfd: pytest.CaptureFixture[str]) -> None:
    for source in ((str(two_regions.folder),), LIVE):
        found = judged(capfd, two_regions.state, *source, "--only", "OPER-01", "--only", "ROLE-03")
        assert {(rule, region, subject.rpartition(":")[2]) for rule, region, subject in found} == {
            ("OPER-01", "global", "role/operators"),
            ("OPER-01", "global", "user/alice"),
            ("OPER-01", "global", "group/staff"),
            ("OPER-01", "global", "policy/loose"),
            ("ROLE-03", "global", "role/node"),
        }


def test_a_call_that_is_denied_leaves_verdicts_undecided(
    two_regions: Applied, capfd: pytest.CaptureFixture[str]
) -> None:
    before = judged(capfd, two_regions.state, *LIVE)
    for call in NEW_CALLS:
        two_regions.sandbox.set_faults([Fault(kind=FaultKind.DENIED, operation=call)])
        after = judged(capfd, two_regions.state, *LIVE)
        two_regions.sandbox.set_faults([])
        changed = {key: each for key, each in after.items() if each["verdict"] != before.get(key, {}).get("verdict")}
        assert {(call, each["verdict"]) for each in changed.values()} == {(call, "undecided")}
