from typing import Any

import pytest

from ssm_hardening.core.values import Reference, Unknown
from ssm_hardening.iam.analysis import granted, open_to_accounts, open_to_everybody
from ssm_hardening.iam.conditions import bounds_told
from ssm_hardening.iam.resource_policies import owner
from tests.iam.shapes import AT, CALLER, GAP, policy, template, value

ROLE = "arn:aws:iam::111122223333:role/node"
OWN = value("111122223333")


def allow(principal: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": principal, "Action": "s3:GetObject", "Resource": "*", **more}


@pytest.mark.parametrize(
    "statement",
    [
        allow(),
        allow({"AWS": "*"}),
        allow({"AWS": [ROLE, "*"]}),
        {"Effect": "Allow", "NotPrincipal": {"AWS": ROLE}, "Action": "*", "Resource": "*"},
        allow(Condition={"Bool": {"aws:SecureTransport": "true"}}),
        allow(Condition={"StringNotEquals": {"aws:PrincipalOrgID": "o-example"}}),
        allow(Condition={"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-example"}}),
        allow(Condition={"ForAllValues:StringEquals": {"aws:PrincipalOrgID": "o-example"}}),
        allow(Condition={"StringLike": {"aws:PrincipalOrgID": "*"}}),
        allow(Condition={"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/node"}}),
        allow(Condition={"StringLike": {"aws:PrincipalAccount": ["111122223333", "*"]}}),
        allow(Condition={"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}),
        allow(Condition={"IpAddress": {"aws:SourceIp": ["192.0.0.0/8", "198.51.100.0/24"]}}),
        allow(Condition={"IpAddress": {"aws:SourceIp": "2000::/8"}}),
        allow(Condition={"StringEquals": {"kms:ViaService": "s3.eu-central-1.amazonaws.com"}}),
        allow(Condition={"StringLike": {"aws:userid": "AROA*"}}),
        allow(Condition={"StringLike": {"aws:userid": ["AROAEXAMPLEID:*", "AIDAEX*"]}}),
        allow(Condition={"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-a*"}}),
        allow(Condition={"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": ["o-example/*", "o-*"]}}),
        allow(Condition={"ForAllValues:StringLike": {"aws:PrincipalOrgPaths": "o-example/*"}}),
        allow(Condition={"ForAnyValue:StringLikeIfExists": {"aws:PrincipalOrgPaths": "o-example/*"}}),
        allow(Condition={"StringLike": {"aws:userid": "*:alex"}}),
        allow(Condition={"StringLike": {"aws:userid": "A*:*"}}),
        allow(Condition={"StringLike": {"aws:SourceVpce": "vpce-*"}}),
        allow(Condition={"StringLike": {"aws:SourceVpc": ["vpc-1", "vpc-?"]}}),
        allow(Condition={"StringLike": {"aws:VpceOrgID": "o-*"}}),
        allow(Condition={"StringLike": {"s3:DataAccessPointAccount": "*"}}),
        allow(Condition={"ArnLike": {"aws:SourceArn": "arn:aws:s3:*:*:accesspoint/logs"}}),
        allow(Condition={"ArnLike": {"s3:DataAccessPointArn": "arn:aws:s3:*:*:accesspoint/*"}}),
        allow(Condition={"StringEquals": {"aws:ResourceAccount": "111122223333"}}),
        allow(Condition={"StringEquals": {"aws:ResourceOrgID": "o-example"}}),
        allow(Condition={"StringEquals": {"aws:PrincipalTag/team": "x"}}),
        allow(Condition={"StringEquals": {"aws:PrincipalType": "AssumedRole"}}),
        allow(Condition={"StringEquals": {"aws:PrincipalAccount": "${aws:PrincipalAccount}"}}),
        allow(Condition={"StringEquals": {"aws:SourceVpc": "${aws:sourcevpc}"}}),
        allow(Condition={"StringLike": {"aws:PrincipalArn": "arn:aws:iam::${aws:PrincipalAccount}:role/node"}}),
        allow(Condition={"Null": {"aws:PrincipalOrgID": "false"}}),
        allow(Condition={"Null": {"aws:SourceVpce": "false"}}),
        allow(Condition={"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/*"}}),
        allow(Condition={"NotIpAddress": {"aws:SourceIp": "192.0.2.0/24"}}),
        allow(Condition={"IpAddressIfExists": {"aws:SourceIp": "192.0.2.0/24"}}),
        allow(Condition={"IpAddress": {"aws:VpcSourceIp": "10.0.0.0/16"}}),
        allow(Condition={"IpAddress": {"aws:SourceIp": ["0.0.0.0/1", "128.0.0.0/1"]}}),
        allow(Condition={"IpAddress": {"aws:SourceIp": [f"{each}.0.0.0/8" for each in range(256)]}}),
        allow(Condition={"IpAddress": {"aws:SourceIp": ["::/1", "192.0.2.0/24"]}}),
        allow(Condition={"IpAddress": {"aws:SourceIp": ["2001:db8::/31"]}}),
        allow(Condition={"Bool": {"aws:PrincipalIsAWSService": "false"}}),
        allow(Condition={"StringEquals": {"aws:ResourceOrgID": ["${aws:PrincipalOrgID}", "o-example"]}}),
        allow(Condition={"StringEqualsIfExists": {"aws:ResourceOrgID": "${aws:PrincipalOrgID}"}}),
        allow(Condition={"StringLikeIfExists": {"aws:userid": "AROA*"}, "Null": {"aws:userid": "false"}}),
        allow(Condition={"StringEqualsIfExists": {"aws:SourceVpc": "vpc-1"}, "Null": {"aws:SourceVpc": "true"}}),
        allow(Condition={"StringEqualsIfExists": {"aws:SourceVpc": "vpc-1"}, "Null": {"aws:SourceVpce": "false"}}),
    ],
)
def test_everybody_is_let_in(statement: dict[str, Any]) -> None:
    found = open_to_everybody(policy(statement))
    assert [grant.principal for grant in found.grants] == ["everybody"]
    assert found.doubt is None


@pytest.mark.parametrize(
    "statement",
    [
        allow({"AWS": ROLE}),
        allow({"AWS": Reference("module.n.aws_iam_role.node[0]", "arn")}),
        allow({"AWS": template("arn:aws:iam::", GAP, ":root")}),
        allow({"Service": "logs.amazonaws.com"}),
        {**allow(), "Effect": "Deny"},
        *(
            allow(Condition={operator: {key: text}})
            for operator, key, text in [
                ("StringEquals", "aws:PrincipalOrgID", "o-example"),
                ("stringequals", "AWS:PrincipalOrgId", GAP),
                ("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "o-example/*"),
                ("StringEquals", "aws:PrincipalAccount", "111122223333"),
                ("StringEquals", "kms:CallerAccount", CALLER),
                ("StringLike", "aws:userid", "AROAEXAMPLEID:*"),
                ("StringEquals", "aws:VpceAccount", "111122223333"),
                ("IpAddress", "aws:SourceIp", "2001:db8::/32"),
                ("StringEquals", "aws:SourceAccount", "111122223333"),
                ("ArnLike", "aws:SourceArn", "arn:aws:s3:::bucket"),
                ("ArnLike", "aws:SourceArn", template("arn:aws:s3:*:", CALLER, ":*")),
                ("ArnLike", "aws:PrincipalArn", "arn:aws:iam::111122223333:role/*"),
                ("StringEquals", "aws:SourceVpce", "vpce-1"),
                ("IpAddress", "aws:SourceIp", "192.0.2.0/24"),
                ("IpAddress", "aws:SourceIp", ["192.0.0.0/8", "192.0.2.0/24", "192.0.2.0/24"]),
                ("IpAddress", "AWS:SOURCEIP", ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "192.0.2.1"]),
                ("IpAddress", "aws:SourceIp", ["2001:db8::/33", "2001:db8:8000::/33"]),
                ("StringEquals", "aws:VpceOrgID", ["o-example", "o-other"]),
                ("StringLike", "aws:SourceVpc", ["vpc-1", "vpc-2"]),
                ("StringLike", "s3:DataAccessPointAccount", "111122223333"),
                ("ArnLike", "s3:DataAccessPointArn", "arn:aws:s3:*:111122223333:accesspoint/*"),
                ("ForAnyValue:StringEquals", "aws:PrincipalOrgPaths", "o-example/r-1/ou-1/"),
                ("StringEquals", "aws:PrincipalOrgID", "${aws:ResourceOrgID}"),
                ("StringEquals", "aws:PrincipalAccount", "${aws:ResourceAccount}"),
                ("StringEquals", "aws:ResourceOrgID", "${aws:PrincipalOrgID}"),
                ("StringEquals", "aws:ResourceAccount", "${aws:PrincipalAccount}"),
                ("Bool", "aws:PrincipalIsAWSService", "true"),
                ("StringEquals", "aws:PrincipalServiceName", "logs.amazonaws.com"),
            ]
        ),
    ],
)
def test_a_bounded_or_named_principal_is_not_everybody(statement: dict[str, Any]) -> None:
    found = open_to_everybody(policy(statement))
    assert (found.grants, found.doubt) == ((), None)


@pytest.mark.parametrize(
    "principal",
    [
        {"Federated": "accounts.google.com"},
        {"Federated": "arn:aws:iam::999988887777:saml-provider/okta"},
        {"AWS": "arn:aws:iam::999988887777:role/*"},
        {"AWS": "arn:aws:iam::*:role/audit"},
    ],
)
def test_a_principal_of_unknown_accounts_is_a_doubt(principal: dict[str, str]) -> None:
    found = open_to_accounts(policy(allow(principal)), OWN)
    assert found.grants == ()
    assert isinstance(found.doubt, Unknown)


@pytest.mark.parametrize(
    ("principal", "condition"),
    [
        ({"Federated": "arn:aws:iam::111122223333:saml-provider/okta"}, {}),
        ({"Federated": Reference("aws_iam_saml_provider.okta", "arn")}, {}),
        ({"Federated": "accounts.google.com"}, {"StringEquals": {"aws:PrincipalAccount": "111122223333"}}),
    ],
)
def test_sessions_of_ones_own_provider_are_not_another_accounts(principal: Any, condition: Any) -> None:
    found = open_to_accounts(policy(allow(principal, Condition=condition or None)), OWN)
    assert (found.grants, found.doubt) == ((), None)


@pytest.mark.parametrize("operator", ["StringEqualsIfExists", "ForAllValues:StringEquals", "StringLikeIfExists"])
def test_a_condition_that_holds_without_its_key_binds_where_the_key_must_be_there(operator: str) -> None:
    present = {operator: {"aws:PrincipalOrgID": "o-example"}, "Null": {"AWS:PrincipalOrgId": "false"}}
    statements = policy(allow(Condition=present))
    assert open_to_everybody(statements).grants == ()
    assert open_to_everybody(statements).doubt is None
    assert bounds_told(statements) == "; conditions limit who the callers are (aws:PrincipalOrgID)"


@pytest.mark.parametrize(
    ("principal", "condition"),
    [
        ("*", {"ArnLike": {"aws:SourceArn": "arn:aws:cloudtrail:*:999988887777:trail/*"}}),
        ("*", {"ArnLike": {"lambda:SourceFunctionArn": "arn:aws:lambda:*:999988887777:function:*"}}),
        ("*", {"ArnLike": {"ec2:SourceInstanceARN": "arn:aws:ec2:*:999988887777:instance/*"}}),
        ("*", {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::999988887777:role/?*"}}),
        ({"AWS": "999988887777"}, {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::999988887777:*"}}),
        ({"AWS": "999988887777"}, {"StringEquals": {"aws:PrincipalAccount": ["111122223333", "999988887777"]}}),
    ],
)
def test_a_condition_that_leaves_all_of_another_account_narrows_nothing(principal: Any, condition: Any) -> None:
    assert open_to_accounts(policy(allow(principal, Condition=condition)), OWN).grants


@pytest.mark.parametrize(
    ("principal", "condition"),
    [
        ("*", {"ArnLike": {"aws:SourceArn": "arn:aws:cloudtrail:*:111122223333:trail/*"}}),
        ("*", {"ArnLike": {"aws:SourceArn": "arn:aws:cloudtrail:*:999988887777:trail/audit"}}),
        ("*", {"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:999988887777:audit*"}}),
        ("*", {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::999988887777:role/aws-reserved/*"}}),
        ({"AWS": "999988887777"}, {"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::999988887777:role/audit"}}),
        ({"AWS": "999988887777"}, {"StringEquals": {"aws:PrincipalAccount": "111122223333"}}),
        ({"AWS": "999988887777"}, {"StringEquals": {"aws:PrincipalOrgID": "o-example"}}),
        ({"AWS": GAP}, {"StringEquals": {"aws:PrincipalAccount": "111122223333"}}),
        (GAP, {"StringEquals": {"aws:PrincipalAccount": "111122223333"}}),
    ],
)
def test_what_leaves_some_of_another_account_or_nobody_is_not_all_of_it(principal: Any, condition: Any) -> None:
    found = open_to_accounts(policy(allow(principal, Condition=condition)), OWN)
    assert (found.grants, found.doubt) == ((), None)


@pytest.mark.parametrize(
    "statement",
    [
        allow(GAP),
        allow({"AWS": GAP}),
        allow({"AWS": Reference("data.terraform_remote_state.x", "outputs.who")}),
        {**allow(), "Effect": GAP},
        allow(Condition=GAP),
        allow(Condition={"StringLike": {"aws:PrincipalArn": GAP}}),
        allow(Condition={"StringEquals": {"aws:FederatedProvider": "x"}}),
        allow(Condition={"SomeOperator": {"aws:PrincipalOrgID": "o-example"}}),
        allow(Condition={"IpAddress": {"aws:SourceIp": GAP}}),
        allow(Condition={"StringEquals": {"aws:PrincipalOrgID": []}}),
        allow(Condition={"StringEquals": {}}),
        allow(Condition={"StringLike": {"aws:PrincipalOrgID": "*", "AWS:principalorgid": "o-example"}}),
        allow(Condition={"NumericEquals": {"aws:PrincipalAccount": "111122223333"}}),
    ],
)
def test_what_is_not_known_is_a_doubt(statement: dict[str, Any]) -> None:
    found = open_to_everybody(policy(statement))
    assert found.grants == ()
    assert isinstance(found.doubt, Unknown)


def test_a_deny_that_tells_callers_apart_leaves_a_doubt() -> None:
    outside = {"StringNotEquals": {"aws:PrincipalOrgID": "o-example"}}
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": outside}
    found = open_to_everybody(policy(allow(), deny))
    assert found.grants == ()
    assert found.doubt is not None


@pytest.mark.parametrize(
    "changes",
    [
        {"Condition": {"Bool": {"aws:SecureTransport": "false"}}},
        {"Action": "s3:DeleteObject*"},
        {"Principal": {"AWS": ROLE}},
    ],
)
def test_a_deny_of_something_else_takes_nothing_back(changes: dict[str, Any]) -> None:
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*", **changes}
    assert len(open_to_everybody(policy(allow(), deny)).grants) == 1


def test_a_statement_that_was_not_read_leaves_a_grant_that_it_may_only_deny() -> None:
    found = open_to_everybody(policy(allow(), GAP))
    assert [grant.principal for grant in found.grants] == ["everybody"]
    assert (found.doubt, found.unless) == (GAP, GAP)


@pytest.mark.parametrize(
    "principal",
    ["arn:aws:iam::444455556666:root", "444455556666", "arn:aws-cn:iam::444455556666:root"],
)
def test_another_account_as_a_whole_is_foreign(principal: str) -> None:
    found = open_to_accounts(policy(allow({"AWS": principal})), OWN)
    assert [grant.principal for grant in found.grants] == [principal]


@pytest.mark.parametrize(
    ("operator", "key", "text"),
    [
        ("StringEquals", "aws:PrincipalAccount", "444455556666"),
        ("StringEquals", "aws:principalaccount", ["111122223333", "444455556666"]),
        ("StringLike", "kms:CallerAccount", "444455556666"),
        ("StringEqualsIgnoreCase", "aws:SourceAccount", "444455556666"),
        ("StringEquals", "aws:VpceAccount", "444455556666"),
        ("StringEquals", "s3:DataAccessPointAccount", "444455556666"),
        ("ForAnyValue:StringEquals", "aws:PrincipalAccount", "444455556666"),
        ("StringLike", "aws:PrincipalArn", "arn:aws:iam::444455556666:*"),
        ("ArnLike", "aws:PrincipalArn", "arn:*:iam::444455556666:role/*"),
        ("ArnEquals", "aws:PrincipalArn", "arn:aws:*::444455556666:*"),
        ("ArnLike", "aws:PrincipalArn", "arn:aws:sts::444455556666:assumed-role/*/*"),
        ("ArnLike", "aws:SourceArn", "arn:aws:*:*:444455556666:*"),
        ("ArnLike", "aws:SourceVpcArn", "arn:aws:ec2:*:444455556666:vpc/*"),
        ("ArnLike", "s3:DataAccessPointArn", "arn:aws:s3:eu-west-1:444455556666:accesspoint/*"),
    ],
)
def test_another_account_is_foreign_in_a_condition_too(operator: str, key: str, text: Any) -> None:
    found = open_to_accounts(policy(allow(Condition={operator: {key: text}})), OWN)
    assert len(found.grants) == 1
    assert "444455556666" in found.grants[0].principal
    assert open_to_accounts(policy(allow(Condition={operator: {key: text}})), GAP).grants == ()


@pytest.mark.parametrize(
    ("operator", "key", "text"),
    [
        ("StringEquals", "aws:SourceAccount", "111122223333"),
        ("StringEquals", "aws:PrincipalAccount", "${aws:ResourceAccount}"),
        ("ArnLike", "aws:PrincipalArn", "arn:aws:iam::444455556666:role/auditors"),
        ("ArnLike", "aws:SourceArn", "arn:aws:s3:::*"),
        ("StringEquals", "aws:PrincipalAccount", CALLER),
    ],
)
def test_ones_own_account_and_somebody_by_name_are_not_foreign(operator: str, key: str, text: Any) -> None:
    found = open_to_accounts(policy(allow(Condition={operator: {key: text}})), OWN)
    assert (found.grants, found.doubt) == ((), None)


def test_a_canonical_user_may_be_another_account() -> None:
    literal = open_to_accounts(policy(allow({"CanonicalUser": "0123456789abcdef" * 4})), OWN)
    assert literal.grants == ()
    assert isinstance(literal.doubt, Unknown)
    assert "canonical user ID 0123" in literal.doubt.detail
    own = Reference("data.aws_canonical_user_id.current", "id")
    found = open_to_accounts(policy(allow({"CanonicalUser": own})), OWN)
    assert (found.grants, found.doubt) == ((), None)
    assert open_to_accounts(policy(allow({"canonicaluser": GAP})), OWN).doubt is not None


def test_conditions_that_hold_strangers_off_say_by_what() -> None:
    by_network = allow(Condition={"StringEquals": {"aws:SourceVpce": "vpce-1"}})
    by_caller = allow(
        Condition={"StringEquals": {"aws:PrincipalOrgID": "o-example"}, "Bool": {"aws:SecureTransport": "true"}}
    )
    denied = {**by_caller, "Effect": "Deny", "Condition": {"StringEquals": {"aws:SourceVpc": "vpc-1"}}}
    told = bounds_told(policy(by_network, by_caller, denied, allow({"AWS": ROLE})))
    assert told == (
        "; conditions limit who the callers are (aws:PrincipalOrgID)"
        "; conditions limit the network, whoever calls (aws:SourceVpce)"
    )
    assert bounds_told(policy(allow({"AWS": ROLE}))) == ""


def test_a_service_beside_an_account_is_bounded_by_the_account() -> None:
    condition = {"StringEquals": {"kms:CallerAccount": "111122223333", "kms:ViaService": "s3.eu-west-1.amazonaws.com"}}
    statements = policy(allow(Condition=condition))
    assert open_to_everybody(statements).grants == ()
    assert open_to_accounts(statements, OWN).grants == ()


@pytest.mark.parametrize(
    "condition",
    [
        {"StringEquals": {"aws:PrincipalAccount": "444455556666"}},
        {"StringEquals": {"kms:CallerAccount": ["111122223333", "444455556666"]}},
        {"StringLike": {"aws:PrincipalAccount": "444455556666"}},
        {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::444455556666:role/*"}},
        {"StringLike": {"aws:PrincipalArn": "arn:aws:iam::444455556666:*"}},
        {"StringEquals": {"aws:PrincipalAccount": "444455556666"}, "Bool": {"aws:SecureTransport": "true"}},
    ],
)
def test_another_account_named_by_a_condition_is_foreign(condition: dict[str, Any]) -> None:
    found = open_to_accounts(policy(allow(Condition=condition)), OWN)
    assert [grant.account for grant in found.grants] == ["444455556666"]
    assert open_to_accounts(policy(allow(Condition=condition)), GAP).doubt is not None


@pytest.mark.parametrize(
    "condition",
    [
        {"StringEqualsIgnoreCase": {"aws:PrincipalAccount": ["${aws:PrincipalAccount}"]}},
        {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::${aws:PrincipalAccount}:*"}},
    ],
)
def test_what_each_caller_fills_leaves_all_of_another_account(condition: dict[str, Any]) -> None:
    found = open_to_accounts(policy(allow({"AWS": "444455556666"}, Condition=condition)), OWN)
    assert [grant.account for grant in found.grants] == ["444455556666"]


@pytest.mark.parametrize(
    "condition",
    [
        {"StringEquals": {"aws:PrincipalAccount": "111122223333"}},
        {"StringEquals": {"aws:PrincipalAccount": CALLER}},
        {"ArnLike": {"aws:PrincipalArn": template("arn:aws:iam::", CALLER, ":role/*")}},
        {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::444455556666:role/reader"}},
        {"StringNotEquals": {"aws:PrincipalAccount": "444455556666"}},
        {"StringEquals": {"aws:PrincipalAccount": "444455556666", "kms:CallerAccount": "111122223333"}},
        {"StringEquals": {"aws:PrincipalAccount": "444455556666", "aws:SourceVpce": "vpce-1"}},
    ],
)
def test_a_condition_names_no_other_account_as_a_whole(condition: dict[str, Any]) -> None:
    found = open_to_accounts(policy(allow(Condition=condition)), OWN)
    assert (found.grants, found.doubt) == ((), None)


@pytest.mark.parametrize(
    "principal",
    [
        "arn:aws:iam::111122223333:root",
        "arn:aws:iam::444455556666:role/node",
        template("arn:aws:iam::", CALLER, ":root"),
    ],
)
def test_this_account_and_callers_by_name_are_not_foreign(principal: Any) -> None:
    found = open_to_accounts(policy(allow({"AWS": principal})), OWN)
    assert (found.grants, found.doubt) == ((), None)


@pytest.mark.parametrize(
    "principal", [template("arn:aws:iam::", GAP, ":root"), template("arn:aws:iam::111122223333:", GAP), GAP]
)
def test_an_account_that_cannot_be_told_is_a_doubt(principal: Any) -> None:
    assert open_to_accounts(policy(allow({"AWS": principal})), OWN).doubt is not None


@pytest.mark.parametrize("kind", ["Service", "Federated"])
def test_a_wildcard_of_another_type_is_a_doubt(kind: str) -> None:
    found = open_to_everybody(policy(allow({kind: "*"})))
    assert found.grants == ()
    assert found.doubt is not None


def test_a_number_is_a_doubt_where_this_account_is_not_known() -> None:
    assert open_to_accounts(policy(allow({"AWS": "444455556666"})), GAP).doubt == GAP


@pytest.mark.parametrize(
    ("actions", "count"),
    [("s3:Put*", 1), ("S3:PUTOBJECT", 1), ("s3:P?tObject", 1), ("s3:Get*", 0), (["s3:Get*", "*"], 1)],
)
def test_actions_match_with_wildcards_and_without_case(actions: Any, count: int) -> None:
    found = granted(policy(allow({"AWS": ROLE}, Action=actions)), "s3:PutObject")
    assert len(found.grants) == count


def test_an_action_with_a_hole_is_open_only_where_it_could_match() -> None:
    may = policy(allow({"AWS": ROLE}, Action=template("s3:", GAP)))
    cannot = policy(allow({"AWS": ROLE}, Action=template("ec2:", GAP)))
    assert granted(may, "s3:PutObject").doubt == GAP
    assert granted(cannot, "s3:PutObject").doubt is None


def test_an_account_that_is_only_a_number_is_not_taken_for_the_owner() -> None:
    root = allow({"AWS": "arn:aws:iam::111122223333:root"}, Action="kms:*")
    other = allow({"AWS": "arn:aws:iam::444455556666:root"}, Action="kms:*")
    reader = allow({"AWS": "arn:aws:iam::444455556666:root"}, Action="kms:Decrypt")
    assert owner(policy(root, reader), GAP) == GAP
    assert owner(policy(root, other), GAP) == GAP
    assert owner(policy(root, GAP), GAP) == GAP
    assert owner(policy(other), OWN) == OWN


def test_places_are_those_of_the_statement() -> None:
    assert open_to_everybody(policy(allow())).grants[0].statement.at == AT
