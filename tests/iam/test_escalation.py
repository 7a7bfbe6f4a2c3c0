"""The paths by which somebody gets more than he was given, each decided: open where it is, shut by what shuts it."""

from typing import Any

import pytest

from ssm_hardening.core.values import Absent, Reference
from ssm_hardening.iam.decisions import Allowed, Denied, Policies, Request, decide
from tests.iam.shapes import AT, policy, value

ACCOUNT, REGION = "111122223333", "eu-west-1"
NODE = f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/i-0123456789abcdef0"
PREFERENCES = f"arn:aws:ssm:{REGION}:{ACCOUNT}:document/SSM-SessionManagerRunShell"
OWN_DOCUMENT = f"arn:aws:ssm:{REGION}:{ACCOUNT}:document/Mine"
SCRIPT = f"arn:aws:ssm:{REGION}::document/AWS-RunShellScript"
UPDATE = f"arn:aws:ssm:{REGION}::document/AWS-UpdateSSMAgent"
NODE_ROLE = f"arn:aws:iam::{ACCOUNT}:role/node"
OPERATOR = f"arn:aws:iam::{ACCOUNT}:role/operator"
OBJECT = "arn:aws:s3:::session-logs/sessions/alex.log"
GROUP = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/sessions:log-stream:alex"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1"
ADMIN = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def allow(action: Any, resource: Any = "*", **conditions: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **_conditions(conditions)}


def deny(action: Any, resource: Any = "*", **conditions: Any) -> dict[str, Any]:
    return {"Effect": "Deny", "Action": action, "Resource": resource, **_conditions(conditions)}


def _conditions(given: dict[str, Any]) -> dict[str, Any]:
    return {"Condition": given} if given else {}


def asks(action: str, resource: Any, **context: Any) -> Request:
    return Request(
        action=action,
        resource=resource,
        account=value(ACCOUNT),
        region=value(REGION),
        context={key: value(texts) for key, texts in context.items()},
        rest=Absent(AT),
    )


PATHS = [
    pytest.param("ssm:StartSession", NODE, allow("ssm:StartSession"), id="a session on a node with a stronger role"),
    pytest.param("ssm:SendCommand", SCRIPT, allow("ssm:Send*"), id="a script as root"),
    pytest.param("ssm:SendCommand", NODE, allow("ssm:SendCommand", [NODE, SCRIPT]), id="a command on the node"),
    pytest.param("ssm:StartAutomationExecution", "*", allow("ssm:*"), id="automation"),
    pytest.param("ssm:CreateAssociation", SCRIPT, allow("ssm:*Association*"), id="an association"),
    pytest.param("ssm:RegisterTaskWithMaintenanceWindow", "*", allow("ssm:Register*"), id="a maintenance window"),
    pytest.param("ssm:CreateDocument", OWN_DOCUMENT, allow("ssm:CreateDocument"), id="a document of one's own"),
    pytest.param("ssm:StartSession", OWN_DOCUMENT, allow("ssm:StartSession"), id="a session with one's own document"),
    pytest.param("ssm:UpdateDocument", PREFERENCES, allow("ssm:Update*"), id="preferences without recording"),
    pytest.param("iam:TagRole", OPERATOR, {**ADMIN, "Action": "iam:Tag*"}, id="another user of the operating system"),
    pytest.param("ec2:CreateTags", NODE, allow("ec2:*Tags"), id="a node tagged into one's scope"),
    pytest.param("iam:PassRole", NODE_ROLE, allow("iam:PassRole"), id="a stronger role passed to a node"),
    pytest.param("ssm:CreateActivation", "*", allow("ssm:Create*"), id="a rogue hybrid node"),
    pytest.param("ec2-instance-connect:SendSSHPublicKey", NODE, allow("ec2-instance-connect:*"), id="another shell"),
    pytest.param("ec2:GetPasswordData", NODE, allow("ec2:Get*"), id="the password of a Windows node"),
    pytest.param("s3:DeleteObjectVersion", OBJECT, allow("s3:Delete*"), id="a recording destroyed in S3"),
    pytest.param("logs:DeleteLogStream", GROUP, allow("logs:DeleteLog*"), id="a recording destroyed in CloudWatch"),
    pytest.param("kms:ScheduleKeyDeletion", KEY, allow("kms:*"), id="every recording made unreadable"),
]


@pytest.mark.parametrize(("action", "resource", "grant"), PATHS)
def test_a_path_is_open_to_whom_the_policy_opens_it_and_a_deny_shuts_it(
    action: str, resource: str, grant: dict[str, Any]
) -> None:
    asked = asks(action, resource)
    assert isinstance(decide(asked, Policies(identity=policy(grant))), Allowed)
    assert isinstance(decide(asked, Policies(identity=policy(ADMIN, deny(action, resource)))), Denied)
    assert isinstance(decide(asked, Policies(identity=policy(deny("sts:*")))), Denied)


def test_a_boundary_shuts_what_it_leaves_out() -> None:
    asked = asks("iam:PassRole", NODE_ROLE)
    bounded = Policies(identity=policy(ADMIN), boundary=policy(allow("ssm:*")))
    assert isinstance(decide(asked, bounded), Denied)


def test_a_command_pinned_to_one_document_runs_no_other() -> None:
    rights = Policies(identity=policy(allow("ssm:SendCommand", [UPDATE, "arn:aws:ec2:*:*:instance/*"])))
    assert isinstance(decide(asks("ssm:SendCommand", UPDATE), rights), Allowed)
    assert isinstance(decide(asks("ssm:SendCommand", SCRIPT), rights), Denied)


def test_a_session_on_tagged_nodes_opens_no_other() -> None:
    rights = Policies(
        identity=policy(
            allow("ssm:StartSession", "arn:aws:ec2:*:*:instance/*", StringEquals={"ssm:resourceTag/team": "red"})
        )
    )
    tagged, other = ({"ssm:resourcetag/team": [each]} for each in ("red", "blue"))
    assert isinstance(decide(asks("ssm:StartSession", NODE, **tagged), rights), Allowed)
    assert isinstance(decide(asks("ssm:StartSession", NODE, **other), rights), Denied)
    assert isinstance(decide(asks("ssm:StartSession", NODE), rights), Denied)


def test_a_deny_of_everything_but_the_preferences_leaves_no_document_of_ones_own() -> None:
    shut = {"Effect": "Deny", "Action": "ssm:StartSession", "NotResource": [PREFERENCES, "arn:aws:ec2:*:*:instance/*"]}
    rights = Policies(identity=policy(ADMIN, shut))
    assert isinstance(decide(asks("ssm:StartSession", OWN_DOCUMENT), rights), Denied)
    assert isinstance(decide(asks("ssm:StartSession", PREFERENCES), rights), Allowed)
    assert isinstance(decide(asks("ssm:StartSession", NODE), rights), Allowed)


def test_a_deny_of_access_tags_leaves_the_others_writable() -> None:
    shut = deny("ec2:CreateTags", **{"ForAnyValue:StringEquals": {"aws:TagKeys": ["SessionAccess"]}})
    rights = Policies(identity=policy(ADMIN, shut))
    assert isinstance(
        decide(asks("ec2:CreateTags", NODE, **{"aws:tagkeys": ["Name", "SessionAccess"]}), rights), Denied
    )
    assert isinstance(decide(asks("ec2:CreateTags", NODE, **{"aws:tagkeys": ["Name"]}), rights), Allowed)


def test_only_ones_own_sessions_are_ended() -> None:
    rights = Policies(identity=policy(allow("ssm:TerminateSession", "arn:aws:ssm:*:*:session/${aws:username}-*")))
    session = f"arn:aws:ssm:{REGION}:{ACCOUNT}:session/alex-0123456789abcdef0"
    assert isinstance(decide(asks("ssm:TerminateSession", session, **{"aws:username": ["alex"]}), rights), Allowed)
    assert isinstance(decide(asks("ssm:TerminateSession", session, **{"aws:username": ["kim"]}), rights), Denied)
    assert isinstance(decide(asks("ssm:TerminateSession", session), rights), Denied)


def test_a_break_glass_role_is_let_through_a_guardrail() -> None:
    guardrail = policy(
        ADMIN, deny("ssm:UpdateDocument", ArnNotLike={"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/break-glass"})
    )
    rights = Policies(identity=policy(ADMIN), guardrails=(guardrail,))
    somebody = {"aws:principalarn": [OPERATOR]}
    rescuer = {"aws:principalarn": [f"arn:aws:iam::{ACCOUNT}:role/break-glass"]}
    assert isinstance(decide(asks("ssm:UpdateDocument", PREFERENCES, **somebody), rights), Denied)
    assert isinstance(decide(asks("ssm:UpdateDocument", PREFERENCES, **rescuer), rights), Allowed)


def test_a_policy_names_a_node_by_reference() -> None:
    rights = Policies(identity=policy(allow("ssm:StartSession", Reference("aws_instance.web", "arn"))))
    asked = asks("ssm:StartSession", NODE)
    named = Request(
        action=asked.action, resource=NODE, address="aws_instance.web", account=asked.account, region=asked.region
    )
    assert isinstance(decide(named, rights), Allowed)
