"""`access` of the simulated account: the roles and instances behind W8 to W10, and five operators made there."""

import json
from typing import Any

import pytest

from ssm_hardening.sandbox.server import Sandbox
from tests.live.conftest import Here

LIVE = ("--live", "--region", "ap-southeast-2", "-q")
ROLE, CORE = "session-manager-demo-default", "AmazonSSMManagedInstanceCore"
NODES = ["session-manager-linux-prod", "session-manager-windows-prod"]


def told(here: Here) -> dict[str, Any]:
    ran = here("access", *LIVE, "--format", "json")
    assert ran.code == 0, ran.err
    only: dict[str, Any] = json.loads(ran.out)["accounts"][0]
    return only


def test_w9_and_w10_the_policy_its_roles_and_instances(sandbox: Sandbox, here: Here) -> None:
    assert sandbox.region
    found = told(here)
    assert {"policy": CORE, "roles": [ROLE], "nodes": NODES} in found["managed_policies"]
    role = next(each for each in found["node_roles"] if each["role"] == ROLE)
    assert "read parameters (and 1 similar permission)" in [each["does"] for each in role["beyond"]]
    assert role["nodes"] == NODES


def test_the_table_tells_them_too(sandbox: Sandbox, here: Here) -> None:
    assert sandbox.region
    ran = here("access", *LIVE, "--full")
    assert ran.code == 0
    text = " ".join(ran.out.split())
    assert f"{CORE} {ROLE} {', '.join(NODES)}" in text
    assert "grant it. Session policies were not read, and can still deny it" in text


@pytest.fixture
def operators(sandbox: Sandbox) -> Sandbox:
    """Make five users of different badness."""
    import boto3

    iam = boto3.client("iam")
    document = f"arn:aws:ssm:{sandbox.region}:{sandbox.account}:document/SSM-SessionManagerRunShell"
    instances = f"arn:aws:ec2:{sandbox.region}:{sandbox.account}:instance/*"
    checked = {"BoolIfExists": {"ssm:SessionDocumentAccessCheck": "true"}}
    tagged = {**checked, "StringEquals": {"ssm:resourceTag/Name": NODES[0]}}
    start = {"Effect": "Allow", "Action": "ssm:StartSession"}
    default = {**start, "Sid": "Document", "Resource": document, "Condition": checked}
    for name, statements in {
        "scoped": [{**start, "Sid": "Tagged", "Resource": instances, "Condition": tagged}, default],
        "all-nodes": [{**start, "Sid": "Nodes", "Resource": instances, "Condition": checked}, default],
        "any-document": [{**start, "Sid": "Anything", "Resource": "*"}],
        "commands": [{"Sid": "Commands", "Effect": "Allow", "Action": "ssm:SendCommand", "Resource": "*"}],
    }.items():
        iam.create_user(UserName=name)
        policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
        iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=policy)
    iam.create_user(UserName="administrator")
    iam.attach_user_policy(UserName="administrator", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    return sandbox


def test_five_operators_in_the_matrix(operators: Sandbox, here: Here) -> None:
    assert operators.region
    rows = {each["person"]: each["answers"] for each in told(here)["people"]}
    shown = {
        person: [answer["short"] for answer in answers.values()]
        for person, answers in rows.items()
        if person.startswith("user ")
    }
    assert shown == {
        "user administrator": ["all", "yes", "yes", "yes", "yes", "yes", "yes"],
        "user any-document": ["all", "yes", "yes", "no", "no", "no", "no"],
        "user all-nodes": ["all", "yes", "yes", "no", "no", "no", "no"],
        "user scoped": ["1 of 2", "yes", "yes", "no", "no", "no", "no"],
        "user commands": ["no", "no", "no", "no", "yes", "no", "no"],
    }
    paths = rows["user scoped"]["nodes"]["paths"]
    named = next(each for each in paths if each["on"] == NODES[0])
    assert [link["what"] for link in named["links"]] == ["statement Tagged", "statement Document", f"role {ROLE}"]
