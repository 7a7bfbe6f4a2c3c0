"""What the configuration of a plan tells of arguments that are known after apply: which are not set, and what is meant.

The plans are trimmed from what `terraform show -json` prints of first deployments.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from ssm_hardening.core.values import Absent, Items, Known, Reference, Unknown, Value
from ssm_hardening.read.graph import Resource
from ssm_hardening.read.plan.loading import plan_of
from ssm_hardening.read.plan.reader import PlanRoot, read_plans
from tests.read.code.test_plan_json import block, change, document, plan, read


def refers(*references: str) -> dict[str, Any]:
    return {"references": list(references)}


def module(*resources: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"resources": list(resources), **more}


def new(address: str, *unknown: str, **known: Any) -> dict[str, Any]:
    """Return the creation of an object; the module and the key are taken from the address."""
    *inside, type_, name = address.partition("[")[0].split(".")
    made = change(f"{type_}.{name}", known, after_unknown=dict.fromkeys(("id", "arn", *unknown), True))
    return {**made, "address": address, **({"module_address": ".".join(inside)} if inside else {})}


def relevant(*attributes: str) -> list[dict[str, Any]]:
    return [{"resource": each.rpartition(".")[0], "attribute": [each.rpartition(".")[2]]} for each in attributes]


def found(data: dict[str, Any], address: str) -> Resource:
    root = PlanRoot(plan_of(data, "plan.json"))
    type_ = address.partition("[")[0].split(".")[-2]
    return next(each for each in root.resources(type_) if each.address == address)


def role_beside(*attributes: str, configuration: dict[str, Any], role: str = "aws_iam_role.r") -> str | None:
    """Return why a new role may have inline policies; None where it surely has none."""
    others = (
        new("aws_kms_key.k"),
        new("aws_subnet.s"),
        new("aws_iam_instance_profile.p"),
        new("data.aws_subnets.all", "ids"),
        new("module.made.aws_kms_key.k"),
    )
    data = plan(
        new(role, "inline_policy", "unique_id"),
        *others,
        configuration=configuration,
        relevant_attributes=relevant(*attributes),
    )
    blocks = found(data, role).config.blocks("inline_policy")
    assert blocks.items == ()
    return None if blocks.gap is None else blocks.gap.detail


ROLE = block("aws_iam_role.r", name={"constant_value": "r"})
KEY = block("aws_kms_key.k")
GROUP = block("aws_cloudwatch_log_group.g", kms_key_id=refers("aws_kms_key.k.arn", "aws_kms_key.k"))
PROFILE = block("aws_iam_instance_profile.p", role=refers("aws_iam_role.r.id", "aws_iam_role.r"))


def test_a_block_that_nothing_can_fill_is_absent() -> None:
    assert role_beside(configuration=module(ROLE)) is None
    assert role_beside("aws_kms_key.k.arn", configuration=module(ROLE, KEY, GROUP)) is None


def test_what_depends_on_the_object_fills_no_block_of_it() -> None:
    hidden = ("aws_iam_role.r.unique_id", "aws_iam_instance_profile.p.arn")
    assert role_beside(*hidden, configuration=module(ROLE, PROFILE)) is None


def test_what_no_expression_shown_uses_may_fill_a_dynamic_block() -> None:
    why = role_beside("aws_kms_key.k.arn", configuration=module(ROLE, KEY))
    assert why is not None
    assert "`dynamic` block may set it (aws_kms_key.k.arn)" in why


def test_a_list_may_fill_a_dynamic_block_though_something_else_uses_it_too() -> None:
    node = block("aws_autoscaling_group.g", vpc_zone_identifier=refers("data.aws_subnets.all.ids"))
    assert role_beside("data.aws_subnets.all.ids", configuration=module(ROLE, node)) is not None


@pytest.mark.parametrize(
    ("declared", "expressions", "is_open"),
    [
        ({}, {"permissions_boundary": refers("var.key")}, False),
        ({"default": None}, {"permissions_boundary": refers("var.key")}, True),
        ({}, {}, True),
        ({}, {"permissions_boundary": refers("local.key")}, True),
    ],
    ids=["required and used", "may be left out", "used nowhere that is shown", "used by a local value"],
)
def test_a_variable_may_fill_a_dynamic_block(declared: object, expressions: dict[str, Any], *, is_open: bool) -> None:
    inner = module(block("aws_iam_role.r", "aws", **expressions), variables={"key": declared})
    given = {"m": {"module": inner, "expressions": {"key": refers("aws_kms_key.k.arn", "aws_kms_key.k")}}}
    root = module(KEY, GROUP, module_calls=given)
    why = role_beside("aws_kms_key.k.arn", configuration=root, role="module.m.aws_iam_role.r")
    assert (why is not None) == is_open


def test_a_local_value_given_to_a_module_may_fill_a_dynamic_block() -> None:
    inner = module(block("aws_iam_role.r", name=refers("var.key")), variables={"key": {}})
    root = module(KEY, module_calls={"m": {"module": inner, "expressions": {"key": refers("local.key")}}})
    assert role_beside("aws_kms_key.k.arn", configuration=root, role="module.m.aws_iam_role.r") is not None


def test_an_output_of_a_module_may_fill_a_dynamic_block() -> None:
    made = module(KEY, outputs={"key": {"expression": refers("aws_kms_key.k.arn", "aws_kms_key.k")}})
    root = module(ROLE, module_calls={"made": {"module": made}})
    assert role_beside("module.made.aws_kms_key.k.arn", configuration=root) is not None


def test_a_format_without_relevant_attributes_leaves_blocks_open() -> None:
    data = plan(new("aws_iam_role.r", "inline_policy"), configuration=module(ROLE), format_version="1.0")
    assert found(data, "aws_iam_role.r").config.blocks("inline_policy").gap is not None


@pytest.mark.parametrize(("written", "is_open"), [({}, False), ({"ingress": refers("local.rules")}, True)])
def test_rules_of_a_new_group_are_told_unless_an_argument_gives_them(written: dict[str, Any], *, is_open: bool) -> None:
    """A `dynamic` block over what is not known shows as one rule with unknown members."""
    group = new("aws_security_group.g", "ingress", "egress")
    data = plan(
        group,
        new("aws_kms_key.k"),
        configuration=module(KEY, block("aws_security_group.g", "aws", **written)),
        relevant_attributes=relevant("aws_kms_key.k.arn"),
    )
    blocks = found(data, "aws_security_group.g").config.blocks("ingress")
    assert (blocks.items, blocks.gap is not None) == ((), is_open)


def test_a_block_that_aws_never_fills_is_made_by_a_dynamic_one() -> None:
    association = new("aws_ssm_association.a", "targets")
    data = plan(association, configuration=module(block("aws_ssm_association.a")))
    gap = found(data, "aws_ssm_association.a").config.blocks("targets").gap
    assert gap is not None
    assert "`dynamic` block sets it" in gap.detail


# What references mean

SUBNETS = (new('aws_subnet.s["a"]'), new('aws_subnet.s["b"]'))


def meant(address: str, argument: str, written: dict[str, Any], *others: dict[str, Any], **more: Any) -> Value[Any]:
    """Return the value of an argument that is known after apply."""
    type_, name = address.partition("[")[0].split(".")
    configured = {**block(f"{type_}.{name}", "aws", **{argument: written}), **more.pop("repeated", {})}
    made = (*others, *SUBNETS, new("aws_iam_role.r"), new("aws_vpc.v"), new("aws_iam_policy.p[0]"))
    data = plan(new(address, argument), *made, configuration=module(configured, **more))
    return found(data, address).config.get(argument)


def named(value: Value[Any]) -> list[str]:
    match value:
        case Known(Items(members)):
            return [each for member in members for each in named(member)]
        case Known(Reference(address=address)):
            return [address]
        case _:
            return []


@pytest.mark.parametrize(
    ("references", "repeated", "expected"),
    [
        (["aws_subnet.s", "each.key"], {}, ['aws_subnet.s["a"]']),
        (["aws_subnet.s", "each.value"], {}, ['aws_subnet.s["a"]']),
        (["each.value.id", "each.value"], refers("aws_subnet.s"), ['aws_subnet.s["a"]']),
        (["each.value"], refers('aws_subnet.s["b"].id', 'aws_subnet.s["b"]'), ['aws_subnet.s["b"]']),
        (
            ["each.value.subnet", "each.value"],
            refers('aws_subnet.s["b"].id', "aws_vpc.v.id", "aws_vpc.v"),
            ['aws_subnet.s["b"]'],
        ),
        (["each.value"], refers('aws_subnet.s["b"].id', 'aws_subnet.s["a"].id'), ["aws_subnet.s[*]"]),
        (["aws_subnet.s"], {}, ["aws_subnet.s[*]"]),
        (['aws_subnet.s["b"].id', "each.key"], {}, []),
        (["each.value"], refers("local.subnets"), []),
        (["each.value.id", "each.value"], refers("var.subnets"), []),
    ],
)
def test_what_is_repeated_means_the_object_of_its_key(
    references: list[str], repeated: dict[str, Any], expected: list[str]
) -> None:
    around = {"repeated": {"for_each_expression": repeated}}
    value = meant('aws_network_interface.n["a"]', "subnet_id", refers(*references), **around)
    assert named(value) == expected


@pytest.mark.parametrize(
    ("references", "repeated", "expected"),
    [
        (["each.value[0]", "each.value"], ['aws_subnet.s["a"].id', "aws_subnet.t.id", "aws_vpc.v.id"], 2),
        (["each.value.subnet.id", "each.value"], ['aws_subnet.s["a"]', "aws_subnet.t"], 2),
        (["each.value"], ['aws_subnet.s["a"].id', "aws_subnet.t.id"], 2),
        (["each.value.subnet", "each.value"], ["aws_subnet.t.id", "aws_subnet.t.availability_zone", "aws_subnet.s"], 0),
        (["each.value.subnet", "each.value"], ["aws_subnet.t.id", "aws_subnet.s", "local.subnets"], 0),
        (["each.value.subnet", "each.value"], ["aws_subnet.t.id", "aws_subnet.s", "var.subnets"], 0),
        (["each.value.subnet", "each.value", "local.names"], ["aws_subnet.t.id", 'aws_subnet.s["a"].id'], 0),
    ],
)
def test_of_several_objects_that_are_handed_out_one_is_meant_and_no_other_one(
    references: list[str], repeated: list[str], expected: int
) -> None:
    around = {"repeated": {"for_each_expression": refers(*repeated)}}
    value = meant('aws_network_interface.n["x"]', "subnet_id", refers(*references), new("aws_subnet.t"), **around)
    assert isinstance(value, Unknown)
    named_ones = [name for each in value.one_of for name in named(each)]
    assert named_ones == ['aws_subnet.s["a"]', "aws_subnet.t"][:expected]


def test_a_count_means_the_object_of_its_index() -> None:
    written, other = refers("aws_iam_policy.p", "count.index"), new("aws_iam_policy.p[1]")
    value = meant("aws_iam_role_policy_attachment.a[1]", "policy_arn", written, other)
    assert named(value) == ["aws_iam_policy.p[1]"]


def test_a_list_of_all_instances_names_all() -> None:
    assert named(meant("aws_lb.l", "subnets", refers("aws_subnet.s"))) == []
    value = meant("aws_vpc_endpoint.e", "subnet_ids", refers("aws_subnet.s"))
    assert named(value) == ['aws_subnet.s["a"]', 'aws_subnet.s["b"]']


@pytest.mark.parametrize(
    ("others", "expected"),
    [(["var.more"], ["aws_security_group.g"]), (["local.more"], []), (["aws_security_group.h.id", "var.more"], [])],
)
def test_a_list_that_variables_add_to_names_the_object_that_makes_it_unknown(
    others: list[str], expected: list[str]
) -> None:
    groups = (new("aws_security_group.g"), new("aws_security_group.h"))
    written = refers("aws_security_group.g.id", "aws_security_group.g", *others)
    value = meant("aws_instance.i", "vpc_security_group_ids", written, *groups)
    assert named(value) == expected
    assert not isinstance(value, Known) or value.value.rest is not None


@pytest.mark.parametrize(
    ("reference", "given", "expected"),
    [
        ("var.network.vpc_id", refers("aws_vpc.v.id", 'aws_subnet.s["a"].id'), ["aws_vpc.v"]),
        ("var.network.id", refers("aws_vpc.v"), ["aws_vpc.v"]),
        ("var.network[0]", refers("aws_vpc.v.id"), ["aws_vpc.v"]),
        ("var.network.vpc_id", refers("aws_vpc.v.id", "local.network"), []),
        ("var.network.cidr_block", refers("aws_vpc.v"), []),
    ],
)
def test_a_member_of_what_a_module_is_given_means_its_only_fitting_object(
    reference: str, given: dict[str, Any], expected: list[str]
) -> None:
    group = "module.m.aws_security_group.g"
    inner = module(block("aws_security_group.g", vpc_id=refers(reference, "var.network")))
    calls = {"m": {"module": inner, "expressions": {"network": given}}}
    made = (new(group, "vpc_id"), new("aws_vpc.v"), *SUBNETS)
    value = found(plan(*made, configuration=module(module_calls=calls)), group).config.get("vpc_id")
    assert named(value) == expected


def test_a_member_of_an_output_means_its_only_fitting_object() -> None:
    output = {"network": {"expression": refers("aws_vpc.v.id", "aws_vpc.v", "aws_subnet.s.id", "aws_subnet.s")}}
    group = block("aws_security_group.g", vpc_id=refers('module.net["eu"].network.vpc', 'module.net["eu"]'))
    calls = {"net": {"module": module(outputs=output), "for_each_expression": refers("var.places")}}
    made = (
        new("aws_security_group.g", "vpc_id"),
        new('module.net["eu"].aws_vpc.v'),
        new('module.net["eu"].aws_subnet.s'),
    )
    value = found(plan(*made, configuration=module(group, module_calls=calls)), "aws_security_group.g")
    assert named(value.config.get("vpc_id")) == ['module.net["eu"].aws_vpc.v']


# The content of a document


def content_of(tmp_path: Path, *references: str) -> Any:
    buckets = (new("aws_s3_bucket.logs", bucket="logs"), new("aws_s3_bucket.other", bucket="other"))
    preferences = document(None, after_unknown={"content": True})
    configuration = module(block("aws_ssm_document.p", content=refers(*references)))
    (account,) = read(tmp_path, plan(preferences, *buckets, configuration=configuration))
    return account


def test_a_document_that_is_not_known_uses_the_bucket_that_it_refers_to(tmp_path: Path) -> None:
    account = content_of(tmp_path, "aws_s3_bucket.logs.id", "aws_s3_bucket.logs", "var.prefix", "local.inputs")
    (preferences,) = account.session_documents
    assert named(preferences.s3_bucket) == ["aws_s3_bucket.logs"]
    assert isinstance(preferences.s3_encryption_enabled, Unknown)
    assert isinstance(preferences.run_as_enabled, Unknown)
    assert isinstance(preferences.content_error, Unknown)
    used = {each.address: each.used_by for each in account.log_buckets}
    assert [each.value for each in used["aws_s3_bucket.logs"].value.items] == ["aws_ssm_document.p"]


@pytest.mark.parametrize("other", ["aws_s3_bucket.other.id", "aws_s3_bucket.other.arn"])
def test_a_document_that_refers_to_two_buckets_is_not_guessed(tmp_path: Path, other: str) -> None:
    (preferences,) = content_of(tmp_path, "aws_s3_bucket.logs.id", other).session_documents
    assert isinstance(preferences.s3_bucket, Unknown)


def test_a_note_says_which_texts_only_the_code_shows(tmp_path: Path) -> None:
    policy = block("aws_iam_policy.p", policy=refers("aws_s3_bucket.b.arn"))
    preferences = block("aws_ssm_document.p", content=refers("aws_s3_bucket.b.id"))
    changes = (
        document(None, after_unknown={"content": True}),
        new("aws_iam_policy.p", "policy"),
        new("aws_s3_bucket.b", bucket="b"),
    )
    file = tmp_path / "plan.json"
    file.write_text(json.dumps(plan(*changes, configuration=module(policy, preferences))), encoding="utf-8")
    (note,) = read_plans([file]).notes
    assert "aws_ssm_document.p.content, aws_iam_policy.p.policy: known only after apply" in note
    assert f"ssm-harden plan PATH --plan-json {file}" in note


# What the provider repeats

IDS = {"vpc_security_group_ids": ["sg-0123456789abcdef0"]}
BY_IDS = {"vpc_security_group_ids": refers("aws_security_group.g.id", "aws_security_group.g")}
BY_NAMES = {"security_groups": refers("aws_security_group.g.name", "aws_security_group.g")}


@pytest.mark.parametrize("type_", ["aws_instance", "aws_spot_instance_request"])
@pytest.mark.parametrize(
    ("told", "unknown", "written", "is_repeated"),
    [
        (IDS, {}, BY_IDS, True),
        (IDS, {}, {}, True),
        (IDS, {}, BY_NAMES, True),
        ({}, {"vpc_security_group_ids": True}, BY_IDS, True),
        ({}, {"vpc_security_group_ids": [True]}, BY_NAMES, False),
        ({"vpc_security_group_ids": []}, {}, BY_NAMES, False),
    ],
)
def test_names_of_groups_repeat_what_their_ids_say(
    type_: str, told: dict[str, Any], unknown: dict[str, Any], written: dict[str, Any], *, is_repeated: bool
) -> None:
    values = {**told, "security_groups": ["node"]}
    one = change(f"{type_}.n", values, actions=["update"], before=values, after_unknown=unknown)
    config = found(plan(one, configuration=module(block(f"{type_}.n", **written))), f"{type_}.n").config
    assert isinstance(config.get("security_groups"), Absent) is is_repeated


def test_tables_that_associations_give_to_an_endpoint_are_repeated_by_it() -> None:
    told = {"id": "vpce-0123456789abcdef0", "route_table_ids": ["rtb-0123456789abcdef0"]}
    kept = change("aws_vpc_endpoint.s3", told, actions=["no-op"], before=told)
    beside = "aws_vpc_endpoint_route_table_association.s3"
    to = refers("aws_vpc_endpoint.s3.id", "aws_vpc_endpoint.s3")
    written = (block("aws_vpc_endpoint.s3"), block(beside, vpc_endpoint_id=to))
    values = {"vpc_endpoint_id": told["id"], "route_table_id": told["route_table_ids"][0]}
    joined = change(beside, values, actions=["no-op"], before=values)
    for others, kind in (((), Known), ((joined,), Absent)):
        one = found(plan(kept, *others, configuration=module(*written)), "aws_vpc_endpoint.s3")
        assert isinstance(one.config.get("route_table_ids"), kind)
