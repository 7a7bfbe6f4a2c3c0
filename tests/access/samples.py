"""An account with five operators of different badness, and the nodes, roles and stores they reach."""

from typing import Any

from ssm_hardening.core.origins import ApiOrigin
from ssm_hardening.core.values import Inventory
from ssm_hardening.model import Account, Instance, Role, User
from tests.rules.builders import account, bucket, fact, log_group, preferences_document, statement

ACCOUNT, REGION = "111122223333", "ap-southeast-2"
SSM = f"arn:aws:ssm:{REGION}:{ACCOUNT}:"
NODES = f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/*"
PREFERENCES = f"{SSM}document/SSM-SessionManagerRunShell"
CHECKED = {"BoolIfExists": {"ssm:SessionDocumentAccessCheck": ["true"]}}


def granting(sid: str, actions: list[str], resources: list[str], **more: Any) -> Any:
    return statement(sid=sid, actions=actions, resources=resources, at=ApiOrigin(sid.lower(), "test"), **more)


def role(name: str, *statements: Any, kind: Any = "operator", **more: Any) -> Role:
    person = {"AWS": [f"arn:aws:iam::{ACCOUNT}:root"]}
    trusted = {"Service": ["ec2.amazonaws.com"]} if kind == "node" else person
    defaults: dict[str, Any] = {
        "address": f"arn:aws:iam::{ACCOUNT}:role/{name}",
        "name": name,
        "kind": kind,
        "trusted_services": ["ec2.amazonaws.com"] if kind == "node" else [],
        "trust": Inventory((statement(actions=["sts:AssumeRole"], principals=trusted),)),
        "managed_policies": [],
        "statements": Inventory(statements),
        "boundary": None,
        "instances": [],
        "form": "role",
        "boundary_statements": Inventory(),
        "tags": {},
    }
    made: Role = fact(Role, "", {}, defaults | more)
    return made


def user(name: str, *statements: Any, **more: Any) -> User:
    defaults: dict[str, Any] = {
        "address": f"arn:aws:iam::{ACCOUNT}:user/{name}",
        "name": name,
        "groups": [],
        "managed_policies": [],
        "statements": Inventory(statements),
        "boundary": None,
        "boundary_statements": Inventory(),
        "tags": {},
    }
    made: User = fact(User, "", {}, defaults | more)
    return made


def node(name: str, identifier: str, *, role: str | None = "web-node", **more: Any) -> Instance:
    defaults: dict[str, Any] = {
        "address": f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/{identifier}",
        "name": identifier,
        "label": name,
        "kind": "ec2",
        "platform": "Linux",
        "state": "running",
        "profile": role,
        "role": role,
        "security_groups": [],
        "subnet": "subnet-1",
        "public_ip": False,
        "key_name": None,
        "imds_tokens": "required",
        "imds_hop_limit": 1,
        "agent_version": "3.3.3050.0",
        "agent_latest": True,
        "ping": "Online",
        "connected": True,
        "tags": {"env": "dev"},
    }
    made: Instance = fact(Instance, "", {}, defaults | more)
    return made


def scoped() -> Role:
    tag = {"StringEquals": {"ssm:resourceTag/env": ["dev"]}, **CHECKED}
    return role(
        "1-scoped",
        granting("TaggedNodes", ["ssm:StartSession"], [NODES], conditions=tag),
        granting("Approved", ["ssm:StartSession"], [PREFERENCES], conditions=CHECKED),
    )


def all_nodes() -> Role:
    return role(
        "2-all-nodes",
        granting("EveryNode", ["ssm:StartSession"], [NODES, PREFERENCES], conditions=CHECKED),
    )


def any_document() -> Role:
    return role("3-any-document", granting("Start", ["ssm:StartSession"], ["*"]))


def commands() -> Role:
    return role(
        "4-commands",
        granting("Start", ["ssm:StartSession"], ["*"]),
        granting("Commands", ["ssm:SendCommand", "ec2-instance-connect:SendSSHPublicKey"], ["*"]),
    )


def administrator() -> User:
    return user("5-administrator", granting("Everything", ["*"], ["*"]))


def node_role(**more: Any) -> Role:
    core = granting("Core", ["ssm:UpdateInstanceInformation", "ssm:GetParameter", "ssmmessages:*"], ["*"])
    policy = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
    return role("web-node", core, **{"kind": "node", "managed_policies": [policy], **more})


def nodes() -> list[Instance]:
    return [
        node("web-1", "i-0aaaaaaaaaaaaaaa1"),
        node("web-2", "i-0aaaaaaaaaaaaaaa2"),
        node("db-1", "i-0aaaaaaaaaaaaaaa3", role=None, tags={"env": "prod"}),
    ]


def operators(**more: Any) -> Account:
    """Return the account; its preferences record to a bucket and a group that are there, Run As is on."""
    people = [commands(), scoped(), any_document(), all_nodes()]
    defaults: dict[str, Any] = {
        "source": "live",
        "account": ACCOUNT,
        "region": REGION,
        "root": f"{ACCOUNT} {REGION}",
        "session_documents": [preferences_document(s3_bucket="example-session-logs")],
        "log_buckets": [bucket()],
        "log_groups": [log_group()],
        "roles": [*people, node_role()],
        "users": [administrator()],
        "groups": [],
        "instances": nodes(),
    }
    return account(**defaults | more)
