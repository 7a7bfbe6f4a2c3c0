"""What no rule over people may ever fail on."""

import pytest

from ssm_hardening.core.values import Inventory
from ssm_hardening.iam.statements import Statement
from ssm_hardening.rules.catalogue import rule_ids
from ssm_hardening.verdicts.findings import Failed, Passed
from tests.rules.builders_people import NODES, allow, role, staffed, trust, user
from tests.rules.fixtures import judge

OPER = [rule for rule in rule_ids() if rule.startswith("OPER-")]
CHANNELS = [f"ssmmessages:{each}" for each in ("CreateControlChannel", "CreateDataChannel", "OpenControlChannel")]


def _service(name: str) -> Inventory[Statement]:
    return Inventory((trust(principals={"Service": [name]}, conditions=None),))


FALSE_FRIENDS = {
    "a task role for ECS Exec": role(
        allow(CHANNELS), name="task", kind="other", trust=_service("ecs-tasks.amazonaws.com")
    ),
    "a role that reads parameters": role(allow(["ssm:GetParameter*"]), name="reader", kind="other"),
    "a Glue role": role(allow(["glue:*"]), name="glue", kind="other", trust=_service("glue.amazonaws.com")),
    "a service-linked role": role(
        allow(["*"]), name="AWSServiceRoleForAmazonSSM", kind="other", trust=_service("ssm.amazonaws.com")
    ),
}


@pytest.mark.parametrize("rule", OPER)
@pytest.mark.parametrize("friend", FALSE_FRIENDS)
def test_a_false_friend_is_no_operator(rule: str, friend: str) -> None:
    findings = judge(rule, [staffed(FALSE_FRIENDS[friend])])
    assert [each for each in findings if isinstance(each.verdict, Failed)] == []


@pytest.mark.parametrize("kind", ["role", "user"])
def test_a_user_name_stands_for_ones_own_sessions_and_is_none_of_a_role(kind: str) -> None:
    own = allow(["ssm:TerminateSession", "ssm:ResumeSession"], ["arn:aws:ssm:*:*:session/${aws:username}-*"])
    start = allow(["ssm:StartSession"], NODES)
    account = staffed(role(start, own)) if kind == "role" else staffed(users=[user(start, own)])
    (finding,) = judge("OPER-03", [account])
    assert isinstance(finding.verdict, Passed)
    assert ("${aws:username}, which has no value for it" in finding.verdict.message) == (kind == "role")
