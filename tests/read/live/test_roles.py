import json
from typing import Any

import pytest

from ssm_hardening.core.origins import ApiOrigin
from ssm_hardening.core.values import Inventory, Items, Known, Unknown, Why
from ssm_hardening.model import Role
from ssm_hardening.read.live import systems_manager
from ssm_hardening.read.live.asking import AwsApi
from ssm_hardening.read.live.identities import IamFacts
from ssm_hardening.read.live.nodes import instances
from ssm_hardening.read.live.roles import roles
from ssm_hardening.sandbox.faults import Fault, FaultKind
from ssm_hardening.sandbox.server import ACCOUNT, REGION, Sandbox
from tests.read.live import fleet
from tests.read.live.reading import plain

IAM = f"arn:aws:iam::{ACCOUNT}:"
CORE = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
HYBRID = {
    "Version": "2012-10-17",
    "Statement": {
        "Effect": "Allow",
        "Principal": {"Service": ["ssm.amazonaws.com"]},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
    },
}


def policy(*actions: str) -> str:
    return json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": list(actions), "Resource": "*"}]}
    )


def seen(caller: AwsApi) -> IamFacts:
    return roles(caller, instances(caller), systems_manager.activations(caller), systems_manager.settings(caller))


def web(**more: Any) -> str:
    """Return the id of an instance with a role that has one policy of each kind."""
    iam = fleet.client("iam")
    fleet.role("node", **more)
    fleet.profile("p", "node")
    own = iam.create_policy(PolicyName="logs", PolicyDocument=policy("logs:PutLogEvents"))["Policy"]["Arn"]
    for arn in (CORE, own):
        iam.attach_role_policy(RoleName="node", PolicyArn=arn)
    iam.put_role_policy(RoleName="node", PolicyName="keys", PolicyDocument=policy("kms:Decrypt"))
    return fleet.launched(profile="p")[0]


def hidden(role: Role) -> set[str]:
    """Return the fields of which something is unknown."""
    found = {name for name in ("trusted_services", "exists", "boundary") if plain(getattr(role, name)) is Why.DENIED}
    found |= {name for name in ("trust", "statements") if getattr(role, name).gap is not None}
    match role.managed_policies:
        case Known(Items(rest=Unknown())):
            return {*found, "managed_policies"}
        case _:
            return found


def test_a_role_with_every_kind_of_policy(caller: AwsApi) -> None:
    boundary = fleet.client("iam").create_policy(PolicyName="edge", PolicyDocument=policy("s3:*"))["Policy"]["Arn"]
    id_ = web(Path="/nodes/", PermissionsBoundary=boundary)
    fleet.role("unrelated")

    found = seen(caller)

    (role,) = (each for each in found.roles if plain(each.kind) == "node")
    said = plain(role)
    assert role.address == IAM + "role/nodes/node"
    assert (said["form"], said["tags"]) == ("role", {})
    assert [each["actions"] for each in said["boundary_statements"]] == [["s3:*"]]
    assert role.origin == role.name.at == ApiOrigin(IAM + "role/nodes/node", "iam:GetRole")
    assert (said["name"], said["kind"], said["exists"]) == ("node", "node", True)
    assert said["trusted_services"] == ["ec2.amazonaws.com"]
    assert [each["actions"] for each in said["trust"]] == [["sts:AssumeRole"]]
    assert said["managed_policies"] == [IAM + "policy/logs", CORE]
    assert said["boundary"] == boundary
    assert said["instances"] == [f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/{id_}"]
    actions = [action for each in said["statements"] for action in each["actions"]]
    assert {"logs:PutLogEvents", "kms:Decrypt", "ssm:UpdateInstanceInformation"} <= set(actions)
    assert role.statements.gap is None
    assert [(each.address, plain(each.name), plain(each.kind), plain(each.attached_to)) for each in found.policies] == [
        (IAM + "policy/edge", "edge", "customer", []),
        (IAM + "policy/logs", "logs", "customer", [role.address]),
        (IAM + "role/nodes/node:keys", "keys", "inline", [role.address]),
        (CORE, "AmazonSSMManagedInstanceCore", "aws", [role.address]),
    ]
    assert [each.at for each in found.policies.items[1].statements] == [
        ApiOrigin(IAM + "policy/logs", "iam:GetPolicyVersion")
    ]


def test_the_version_in_force_counts(caller: AwsApi) -> None:
    web()
    iam, arn = fleet.client("iam"), IAM + "policy/logs"
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=policy("logs:*"), SetAsDefault=True)
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=policy("iam:*"), SetAsDefault=False)

    (found,) = [each for each in seen(caller).policies if each.address == arn]

    assert [plain(each.actions) for each in found.statements] == [["logs:*"]]


def test_roles_of_hybrid_nodes_activations_and_the_default_setting(sandbox: Sandbox, caller: AwsApi) -> None:
    for name in ("till", "spare", "default"):
        fleet.role(name, trust=HYBRID)
    node = "mi-0123456789abcdef0"
    sandbox.put(instance_information=[fleet.agent(node, ResourceType="ManagedInstance", IamRole="service-role/till")])
    fleet.client("ssm").create_activation(IamRole="spare")
    setting = "/ssm/managed-instance/default-ec2-instance-management-role"
    fleet.client("ssm").update_service_setting(SettingId=setting, SettingValue="service-role/default")

    found = {plain(each.name): each for each in seen(caller).roles}

    assert sorted(found) == ["default", "spare", "till"]
    assert plain(found["till"].instances) == [f"arn:aws:ssm:{REGION}:{ACCOUNT}:managed-instance/{node}"]
    assert plain(found["spare"].instances) == []
    assert plain(found["till"].trusted_services) == ["ssm.amazonaws.com"]
    (statement,) = found["till"].trust.items
    assert plain(statement.conditions) == {"StringEquals": {"aws:SourceAccount": [ACCOUNT]}}


def test_a_role_that_is_named_and_not_there(caller: AwsApi) -> None:
    setting = "/ssm/managed-instance/default-ec2-instance-management-role"
    fleet.client("ssm").update_service_setting(SettingId=setting, SettingValue="nobody")

    found = seen(caller)

    (role,) = found.roles.items
    assert (role.address, plain(role.exists), plain(role.statements)) == (IAM + "role/nobody", False, [])
    assert (len(found.owners), found.roles.gap) == (0, None)


def test_owners_by_tags(caller: AwsApi) -> None:
    web(Tags=[{"Key": "aws:cloudformation:stack-name", "Value": "fleet"}])
    (owner,) = seen(caller).owners.items
    assert (owner.of, plain(owner.owner), plain(owner.name)) == (IAM + "role/node", "cloudformation", "fleet")


@pytest.mark.parametrize(
    ("operation", "fields"),
    [
        ("GetRole", {"trusted_services", "exists", "boundary", "trust"}),
        ("ListAttachedRolePolicies", {"managed_policies", "statements"}),
        ("ListRolePolicies", {"statements"}),
        ("GetRolePolicy", {"statements"}),
        ("GetPolicy", {"statements"}),
        ("GetPolicyVersion", {"statements"}),
        ("GetInstanceProfile", set()),
    ],
)
def test_what_is_denied_is_unknown_where_it_counts(
    sandbox: Sandbox, caller: AwsApi, operation: str, fields: set[str]
) -> None:
    web()
    sandbox.set_faults([Fault(kind=FaultKind.DENIED, service="iam", operation=operation)])

    found = seen(caller)

    detail = f"iam:{operation}: AccessDenied"
    assert [gap.detail for gap in caller.refused][:1] == [detail]
    for role in found.roles:
        assert hidden(role) == fields
    if operation == "GetInstanceProfile":
        assert found.roles.gap is not None
        assert found.policies.gap is not None


def test_a_shared_policy_is_read_once(sandbox: Sandbox, caller: AwsApi) -> None:
    iam = fleet.client("iam")
    for n in range(5):
        fleet.role(f"node-{n}")
        fleet.profile(f"p-{n}", f"node-{n}")
        iam.attach_role_policy(RoleName=f"node-{n}", PolicyArn=CORE)
        fleet.launched(count=10, profile=f"p-{n}")
    found_instances = instances(caller)
    sandbox.reset_calls()

    found = roles(caller, found_instances, Inventory(), Inventory())

    (core,) = found.policies.items
    assert plain(core.attached_to) == [IAM + f"role/node-{n}" for n in range(5)]
    assert len(sandbox.calls()) == 5 * 3 + 2 + 1
