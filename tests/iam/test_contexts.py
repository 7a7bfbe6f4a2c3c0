"""Questions over contexts against all contexts there are: small policies, and every value that they tell apart."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import combinations, product
from random import Random
from re import IGNORECASE, fullmatch
from typing import Any

import pytest

from ssm_hardening.access.requests import of_node
from ssm_hardening.core.values import Absent, Known, Reference, Unknown
from ssm_hardening.iam import contexts, decisions
from ssm_hardening.iam.decisions import Allowed, Decision, Denied, Policies, Undetermined, decide, surely
from ssm_hardening.iam.requests import Caller, Request
from tests.iam.random_policies import seeded
from tests.iam.shapes import AT, GAP, policy, value

ACCOUNT = "111122223333"
PATTERNS = ("a", "b", "A", "a*", "*b", "?", "ab", "*a*", "*")
Context = dict[str, list[str]]


def _texts() -> list[str]:
    """Return one text for each set of patterns that match it, with and without regard to case."""
    found: dict[tuple[bool, ...], str] = {}
    for size in (1, 2, 3):
        for letters in product("abABx", repeat=size):
            text = "".join(letters)
            regular = [each.replace("*", ".*").replace("?", ".") for each in PATTERNS]
            kinds = [fullmatch(each, text) is not None for each in regular]
            kinds += [fullmatch(each, text, IGNORECASE) is not None for each in PATTERNS[:3]]
            # `?` and `*` are literal to StringEquals, and no text here is one of them.
            found.setdefault(tuple(kinds), text)
    return list(found.values())


def _sets() -> list[list[str]]:
    names = ("team", "cost", "other")
    return [list(each) for size in range(1, 4) for each in combinations(names, size)]


DOMAINS: Mapping[str, list[list[str]]] = {
    "aws:RequestTag/team": [[each] for each in _texts()],
    "aws:TagKeys": _sets(),
    "aws:MultiFactorAuthPresent": [["true"], ["false"]],
    "aws:MultiFactorAuthAge": [["9"], ["10"], ["11"], ["99"], ["100"], ["101"]],
    "aws:SourceIp": [["10.0.0.1"], ["10.1.0.1"], ["10.1.2.3"], ["192.0.2.1"], ["2001:db8::1"]],
    "aws:SourceVpce": [[each] for each in _texts()],
}
GROUPS = (
    ("aws:RequestTag/team", "aws:TagKeys"),
    ("aws:MultiFactorAuthPresent", "aws:MultiFactorAuthAge"),
    ("aws:SourceIp", "aws:SourceVpce"),
    ("aws:RequestTag/team", "aws:MultiFactorAuthPresent"),
    ("aws:TagKeys", "aws:SourceIp"),
    ("aws:RequestTag/team", "aws:MultiFactorAuthAge", "aws:SourceIp"),
)


def _condition(chance: Random, key: str) -> tuple[str, Any]:
    ending = chance.choice(("", "", "IfExists"))
    negation = chance.choice(("", "Not"))
    if chance.random() < 0.15:
        return "Null", chance.choice(("true", "false"))
    match key:
        case "aws:TagKeys":
            form = chance.choice(("ForAllValues", "ForAnyValue"))
            return f"{form}:String{negation}Equals{ending}", chance.sample(("team", "cost"), chance.randint(1, 2))
        case "aws:MultiFactorAuthPresent":
            return f"Bool{ending}", chance.choice(("true", "false"))
        case "aws:MultiFactorAuthAge":
            kind = chance.choice(("LessThan", "GreaterThanEquals", "Equals", "NotEquals"))
            return f"Numeric{kind}{ending}", chance.choice(("10", "100"))
        case "aws:SourceIp":
            networks = ("10.0.0.0/8", "10.1.0.0/16", "10.1.2.3/32", "2001:db8::/32")
            return f"{negation}IpAddress{ending}", chance.sample(networks, chance.randint(1, 2))
        case _:
            kind = chance.choice(("Like", "Equals", "EqualsIgnoreCase") if "Tag" in key else ("Like", "Equals"))
            patterns = PATTERNS[:3] if kind != "Like" else PATTERNS
            return f"String{negation}{kind}{ending}", chance.sample(patterns, chance.randint(1, 2))


def _statement(chance: Random, keys: tuple[str, ...]) -> dict[str, Any]:
    made: dict[str, Any] = {"Effect": chance.choice(("Allow", "Allow", "Deny")), "Action": "ec2:*", "Resource": "*"}
    conditions: dict[str, dict[str, Any]] = {}
    for key in chance.sample(keys, chance.randint(1, len(keys))):
        operator, wanted = _condition(chance, key)
        conditions.setdefault(operator, {})[key] = wanted
    return made | {"Condition": conditions}


def _contexts(keys: tuple[str, ...]) -> Iterator[Context]:
    for values in product(*([None, *DOMAINS[key]] for key in keys)):
        context = {key.lower(): each for key, each in zip(keys, values, strict=True) if each is not None}
        if _is_real(context, {each.lower() for each in keys}):
            yield context


def _is_real(context: Context, asked: set[str]) -> bool:
    if {"aws:requesttag/team", "aws:tagkeys"} <= asked:
        return ("aws:requesttag/team" in context) == ("team" in context.get("aws:tagkeys", []))
    if {"aws:multifactorauthpresent", "aws:multifactorauthage"} <= asked:
        return ("aws:multifactorauthage" in context) == (context.get("aws:multifactorauthpresent") == ["true"])
    if {"aws:sourceip", "aws:sourcevpce"} <= asked:
        return ("aws:sourceip" in context) != ("aws:sourcevpce" in context)
    return True


def asked(action: str = "ec2:RunInstances", **more: Any) -> Request:
    fields: dict[str, Any] = {"account": value(ACCOUNT), "region": value("eu-west-1"), "caller": Caller.PERSON}
    return Request(action=action, resource="*", **(fields | more))


def given(*statements: Any) -> Policies:
    return Policies(identity=policy(*statements))


def _in(context: Context, request: Request) -> Request:
    return replace(
        request,
        caller=Caller.UNTOLD,
        context={key: value(texts) for key, texts in context.items()},
        rest=Absent(AT),
    )


@pytest.mark.parametrize("cases", [150, pytest.param(4_000, marks=pytest.mark.corpus)])
def test_a_request_is_found_where_there_is_one_and_only_there(cases: int) -> None:
    chance, seen = seeded(11), {Allowed: 0, Denied: 0}
    for _ in range(cases):
        keys = chance.choice(GROUPS)
        policies = given(*(_statement(chance, keys) for _ in range(chance.randint(1, 4))))
        there = any(isinstance(decide(_in(each, asked()), policies), Allowed) for each in _contexts(keys))
        found = decide(asked(), policies)
        assert type(found) is (Allowed if there else Denied), policies
        seen[type(found)] += 1
        if isinstance(found, Allowed):
            _is_allowed_by_itself(found, policies)
    assert min(seen.values()) > cases / 20


def _is_allowed_by_itself(found: Allowed, policies: Policies) -> None:
    """What was found is allowed with nothing left to choose."""
    assert found.request is not None
    settled = replace(found.request, caller=Caller.UNTOLD, rest=Absent(AT))
    assert isinstance(decide(settled, policies), Allowed)


GRANT = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def when(operator: str, key: str, wanted: Any, **more: Any) -> dict[str, Any]:
    return GRANT | {"Condition": {operator: {key: wanted}}} | more


def answer(action: str, *statements: Any, **more: Any) -> type[Decision]:
    return type(decide(asked(action, **more), given(*statements)))


REGION = "aws:RequestedRegion"


@pytest.mark.parametrize(
    ("action", "here", "called"),
    [
        ("iam:PutRolePolicy", "eu-west-1", "us-east-1"),
        ("iam:PutRolePolicy", "cn-northwest-1", "cn-north-1"),
        ("organizations:AttachPolicy", "cn-north-1", "cn-northwest-1"),
        ("iam:PutRolePolicy", "us-gov-east-1", "us-gov-west-1"),
        ("Route53:ChangeResourceRecordSets", "eu-west-1", "us-east-1"),
        ("globalaccelerator:CreateAccelerator", "eu-west-1", "us-west-2"),
        ("ssm:StartSession", "eu-west-1", "eu-west-1"),
        ("s3:GetObject", "ap-south-1", "ap-south-1"),
    ],
)
def test_a_request_holds_the_region_of_the_endpoint_that_is_called(action: str, here: str, called: str) -> None:
    other = "eu-west-1" if called != "eu-west-1" else "us-east-1"
    for caller in (Caller.PERSON, Caller.NODE, Caller.STRANGER, Caller.UNTOLD):
        of = {"region": value(here), "caller": caller}
        assert answer(action, when("StringEquals", REGION, called), **of) is Allowed
        assert answer(action, when("StringEquals", REGION, other), **of) is Denied
        assert answer(action, GRANT, when("StringNotEquals", REGION, called, Effect="Deny"), **of) is Allowed
        assert answer(action, GRANT, when("StringNotEquals", REGION, other, Effect="Deny"), **of) is Denied


def test_a_deny_by_region_that_exempts_global_services_leaves_them() -> None:
    deny = when("StringNotEquals", REGION, "eu-west-1", Effect="Deny", NotAction=["iam:*", "sts:*"])
    del deny["Action"]
    assert answer("iam:PutRolePolicy", GRANT, deny) is Allowed
    assert answer("route53:ChangeResourceRecordSets", GRANT, deny) is Denied
    assert answer("ssm:StartSession", GRANT, deny) is Allowed


@pytest.mark.parametrize("wanted", ["us-east-1", "eu-west-1", "ap-southeast-2", "ap-*"])
def test_any_caller_chooses_an_endpoint_of_sts(wanted: str) -> None:
    assert answer("sts:AssumeRole", when("StringLike", REGION, wanted)) is Allowed
    assert answer("sts:AssumeRole", GRANT, when("StringNotLike", REGION, wanted, Effect="Deny")) is Allowed
    assert answer("sts:AssumeRole", GRANT, when("StringLike", REGION, wanted, Effect="Deny")) is Allowed
    assert answer("sts:AssumeRole", when("StringLike", REGION, wanted), region=value("cn-north-1")) is Denied


def test_a_role_is_passed_in_the_region_of_iam_or_of_the_service_that_gets_it() -> None:
    for named in ("us-east-1", "eu-west-1"):
        assert answer("iam:PassRole", when("StringEquals", REGION, named)) is Undetermined
        assert answer("iam:PassRole", GRANT, when("StringEquals", REGION, named, Effect="Deny")) is Undetermined
        here = value(named)
        known = Allowed if named == "us-east-1" else Undetermined
        assert answer("iam:PassRole", when("StringEquals", REGION, named), region=here) is known
    both = when("StringEquals", REGION, ["us-east-1", "eu-west-1"])
    assert answer("iam:PassRole", both) is Allowed
    assert answer("iam:PassRole", when("StringEquals", REGION, "ap-south-1")) is Denied
    assert answer("iam:PassRole", GRANT, both | {"Effect": "Deny"}) is Denied


CHOSEN = [
    ("ec2:RunInstances", "StringEquals", "aws:RequestTag/team", "red"),
    ("ec2:RunInstances", "ForAllValues:StringEquals", "aws:TagKeys", ["team"]),
    ("ec2:DeleteTags", "ForAnyValue:StringEquals", "aws:TagKeys", ["team"]),
    ("ec2:RunInstances", "StringLike", "ec2:InstanceType", "t3.*"),
    ("sts:AssumeRole", "StringLike", "sts:RoleSessionName", "*@example.com"),
    ("sts:AssumeRole", "StringEquals", "sts:SourceIdentity", "alice"),
    ("sts:AssumeRole", "NumericLessThan", "sts:DurationSeconds", "3600"),
    ("ssm:StartSession", "IpAddress", "aws:SourceIp", ["192.0.2.0/24"]),
    ("ssm:StartSession", "StringEquals", "aws:SourceVpce", "vpce-1"),
    ("ssm:StartSession", "StringEquals", "aws:SourceVpc", "vpc-1"),
    ("ssm:StartSession", "StringLike", "aws:UserAgent", "*console*"),
    ("ssm:StartSession", "Bool", "aws:SecureTransport", "false"),
    ("ssm:StartSession", "Null", "aws:SourceIp", "true"),
    ("ssm:StartSession", "DateGreaterThan", "aws:CurrentTime", "2030-01-01T00:00:00Z"),
    ("ssm:StartSession", "NumericGreaterThan", "aws:EpochTime", "1893456000"),
    ("s3:ListBucket", "StringLike", "s3:prefix", "home/*"),
    ("s3:PutObject", "StringEquals", "s3:x-amz-acl", "bucket-owner-full-control"),
    ("iam:PassRole", "StringEquals", "iam:PassedToService", "ec2.amazonaws.com"),
    ("iam:CreateRole", "Null", "iam:PermissionsBoundary", "true"),
    ("iam:AttachRolePolicy", "ArnNotEquals", "iam:PolicyARN", "arn:aws:iam::aws:policy/AdministratorAccess"),
    ("ec2-instance-connect:SendSSHPublicKey", "StringEquals", "ec2:osuser", "ec2-user"),
]


@pytest.mark.parametrize(("action", "operator", "key", "wanted"), CHOSEN)
def test_what_a_caller_chooses_limits_nobody(action: str, operator: str, key: str, wanted: Any) -> None:
    found = decide(asked(action), given(when(operator, key, wanted)))
    assert isinstance(found, Allowed)
    assert found.request is not None
    assert key.lower() in found.request.context


@pytest.mark.parametrize(("action", "operator", "key", "wanted"), CHOSEN)
def test_a_deny_of_what_a_caller_need_not_choose_denies_nothing(
    action: str, operator: str, key: str, wanted: Any
) -> None:
    if key not in {"aws:CurrentTime", "aws:EpochTime", "iam:PermissionsBoundary"}:
        assert answer(action, GRANT, when(operator, key, wanted, Effect="Deny")) is Allowed


UNKNOWN = [
    ("ssm:StartSession", "StringEquals", "aws:PrincipalTag/team", "red"),
    ("ssm:StartSession", "StringEquals", "ssm:resourceTag/team", "red"),
    ("ssm:StartSession", "StringEquals", "aws:RequestTag/team", "red"),
    ("lambda:UpdateFunctionCode", "StringEquals", "aws:RequestTag/team", "red"),
    ("s3:PutBucketPolicy", "ForAnyValue:StringEquals", "aws:TagKeys", ["team"]),
    ("ssm:StartSession", "Bool", "aws:ViaAWSService", "true"),
    ("iam:PutRolePolicy", "ForAnyValue:StringEquals", "aws:CalledVia", "cloudformation.amazonaws.com"),
    ("kms:Decrypt", "StringEquals", "kms:ViaService", "s3.eu-west-1.amazonaws.com"),
    ("ssm:StartSession", "ArnLike", "ec2:SourceInstanceARN", "arn:aws:ec2:*:*:instance/i-1"),
    ("ssm:StartSession", "DateLessThan", "aws:CurrentTime", "2030-01-01T00:00:00Z"),
    ("iam:AttachRolePolicy", "ArnEquals", "iam:PolicyARN", "arn:aws:iam::aws:policy/ReadOnlyAccess"),
    ("iam:PutRolePolicy", "StringEquals", "iam:PermissionsBoundary", "arn:aws:iam::111122223333:policy/bound"),
    ("iam:CreateRole", "ArnLike", "iam:PermissionsBoundary", "arn:aws:iam::*:policy/bound"),
    ("ec2:TerminateInstances", "StringEquals", "ec2:InstanceType", "t3.micro"),
]
AVOIDABLE = (
    *("aws:ViaAWSService", "aws:CalledVia", "kms:ViaService", "iam:PolicyARN", "aws:CurrentTime"),
    *("aws:RequestTag/team", "aws:TagKeys"),
)
"""Keys of which a caller has at least one value that no policy here names: none, of a direct call, or by waiting."""


@pytest.mark.parametrize(("action", "operator", "key", "wanted"), UNKNOWN)
def test_what_only_aws_sets_leaves_it_open(action: str, operator: str, key: str, wanted: Any) -> None:
    assert answer(action, when(operator, key, wanted)) is Undetermined
    taken = answer(action, GRANT, when(operator, key, wanted, Effect="Deny"))
    assert taken is (Allowed if key in AVOIDABLE or action == "iam:CreateRole" else Undetermined)


@pytest.mark.parametrize("action", ["iam:PutRolePolicy", "iam:AddUserToGroup", "iam:CreateAccessKey"])
def test_what_changes_permissions_in_iam_sets_no_tags(action: str) -> None:
    for key in ("aws:RequestTag/team", "aws:TagKeys"):
        tagged = ("ForAnyValue:StringEquals", key, "red")
        assert answer(action, when(*tagged)) is Denied
        assert answer(action, GRANT, when(*tagged, Effect="Deny")) is Allowed
        assert answer(action, GRANT, when("Null", key, "true", Effect="Deny")) is Denied
    assert answer("iam:CreateUser", when("StringEquals", "aws:RequestTag/team", "red")) is Allowed


@pytest.mark.parametrize("caller", [Caller.STRANGER, Caller.UNTOLD])
def test_a_network_holds_off_strangers(caller: Caller) -> None:
    for key, wanted in (("aws:SourceVpce", "vpce-1"), ("aws:SourceVpc", "vpc-1")):
        assert answer("s3:GetObject", when("StringEquals", key, wanted), caller=caller) is Undetermined
        assert answer("s3:GetObject", when("StringEquals", key, wanted), caller=Caller.NODE) is Allowed


def test_a_stranger_does_not_know_the_external_id() -> None:
    shared = when("StringEquals", "sts:ExternalId", "secret")
    assert answer("sts:AssumeRole", shared, caller=Caller.STRANGER) is Undetermined
    assert answer("sts:AssumeRole", shared) is Allowed


def test_what_the_question_sets_is_not_chosen() -> None:
    told: dict[str, Any] = {"context": {"iam:passedtoservice": value(["ec2.amazonaws.com"])}}
    assert answer("iam:PassRole", when("StringEquals", "iam:PassedToService", "lambda.amazonaws.com"), **told) is Denied
    none: dict[str, Any] = {"settled": ("s3:x-amz-",)}
    assert answer("s3:PutObject", when("StringEquals", "s3:x-amz-acl", "private"), **none) is Denied


def test_contradicting_conditions_allow_nothing() -> None:
    both = GRANT | {"Condition": {"StringLike": {"aws:UserAgent": "a*"}, "StringNotLike": {"aws:UserAgent": "*"}}}
    assert answer("ssm:StartSession", both) is Denied
    apart = when("StringEquals", "aws:UserAgent", "a"), when("StringNotEquals", "aws:UserAgent", "b", Effect="Deny")
    assert answer("ssm:StartSession", *apart) is Denied


@pytest.mark.parametrize("kind", ["boundary", "session", "guardrails"])
def test_one_request_must_satisfy_every_kind_of_policy(kind: str) -> None:
    red, blue = (when("StringEquals", "aws:RequestTag/team", each) for each in ("red", "blue"))
    for other, wanted in ((red, Allowed), (blue, Denied), (when("StringLike", "aws:RequestTag/team", "*e*"), Allowed)):
        limit: Any = policy(other)
        limits: dict[str, Any] = {kind: (limit,) if kind == "guardrails" else limit}
        found = decide(asked("ec2:RunInstances"), replace(given(red), **limits))
        assert isinstance(found, wanted)


def test_the_region_of_a_picture_that_is_not_known_stays_so() -> None:
    named = when("StringEquals", REGION, "us-east-1")
    unread = {"region": Unknown(GAP.why, AT, "var.region")}
    assert answer("ssm:StartSession", named, **unread) is Undetermined
    assert answer("iam:PassRole", named, **unread) is Undetermined
    assert answer("iam:PutRolePolicy", named, **unread) is Allowed


def test_values_that_are_not_known_by_the_letter_are_chosen_too() -> None:
    network = Reference("aws_vpc.main", "id")
    assert answer("ssm:StartSession", when("StringEquals", "aws:SourceVpc", Known(network, AT))) is Allowed
    deny = when("StringNotEquals", "aws:SourceVpc", Known(network, AT), Effect="Deny")
    assert answer("ssm:StartSession", GRANT, deny) is Allowed
    unread = Unknown(GAP.why, AT, "var.network")
    assert answer("ssm:StartSession", when("StringEquals", "aws:SourceVpc", unread)) is Undetermined


def test_a_variable_is_filled_with_what_is_chosen() -> None:
    same = when("StringNotEquals", "aws:Ec2InstanceSourceVpc", "${aws:SourceVpc}", Effect="Deny")
    assert answer("ssm:StartSession", GRANT, same, caller=Caller.NODE) is Allowed
    named = when("StringEquals", "sts:RoleSessionName", "${aws:username}")
    assert answer("sts:AssumeRole", named, context={"aws:username": value(["alice"])}) is Allowed
    assert answer("sts:AssumeRole", named, context={"aws:username": Absent(AT)}) is Denied
    assert answer("sts:AssumeRole", named) is Undetermined


@pytest.mark.parametrize(
    ("operator", "granted", "denied"), [("Bool", Denied, Undetermined), ("BoolIfExists", Undetermined, Denied)]
)
def test_a_node_has_no_mfa_device(operator: str, granted: type[Decision], denied: type[Decision]) -> None:
    mfa = when(operator, "aws:MultiFactorAuthPresent", "true")
    without = when(operator, "aws:MultiFactorAuthPresent", "false", Effect="Deny")
    assert answer("ssm:StartSession", mfa) is Allowed
    assert answer("ssm:StartSession", GRANT, without) is Allowed
    node = of_node(asked("ssm:StartSession"))
    assert type(decide(node, given(mfa))) is granted
    assert type(decide(node, given(GRANT, without))) is denied


def test_what_a_node_needs_must_hold_for_its_agents_requests() -> None:
    tls = GRANT | {"Condition": {"Bool": {"aws:SecureTransport": "true"}, "Null": {"aws:CalledVia": "true"}}}
    by_endpoint = when("StringEquals", "aws:SourceVpce", "vpce-1")
    beside = when("StringEquals", "aws:UserAgent", "agent", Action="ssm:UpdateInstanceInformation")
    for statement, wanted in ((tls, Allowed), (by_endpoint, Undetermined), (beside, Undetermined), (GRANT, Allowed)):
        found = decide(asked("ssm:UpdateInstanceInformation", caller=Caller.NODE), given(beside, statement))
        assert isinstance(found, Allowed)
        assert isinstance(surely(found), wanted)
    assert isinstance(surely(decide(asked("ssm:StartSession"), given(by_endpoint))), Allowed)


def test_nothing_is_searched_where_the_policies_decide(monkeypatch: pytest.MonkeyPatch) -> None:
    searched: list[Request] = []

    def none(request: Request, _: object) -> tuple[contexts.OpenKey, ...]:
        searched.append(request)
        return ()

    monkeypatch.setattr(decisions, "choices", none)
    elsewhere = when("StringEquals", "aws:RequestTag/team", "red", Action="ec2:*")
    assert answer("ssm:StartSession", GRANT, elsewhere) is Allowed
    assert answer("ssm:StartSession", elsewhere) is Denied
    assert answer("ssm:StartSession", when("StringEquals", REGION, "eu-west-1")) is Allowed
    assert not searched
    assert answer("ec2:RunInstances", elsewhere) is Undetermined
    assert len(searched) == 1


def test_too_many_combinations_leave_it_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each two of three tags exclude each other, and all are needed: no combination is allowed."""
    tags = [f"aws:RequestTag/{name}" for name in "abc"]
    need = GRANT | {"Condition": {"StringLike": dict.fromkeys(tags, "*")}}
    apart = [when("StringEquals", one, "x", Effect="Deny") for one in tags]
    apart += [when("StringNotEquals", one, "x", Effect="Deny") for one in tags[:1]]
    assert answer("ec2:RunInstances", need, *apart) is Denied
    monkeypatch.setattr(contexts, "_MOST_EVALUATIONS", 1)
    found = decide(asked("ec2:RunInstances"), given(need, *apart))
    assert isinstance(found, Undetermined)
    assert "aws:requesttag/a, aws:requesttag/b, and aws:requesttag/c" in found.why.detail
    assert answer("ec2:RunInstances", when("StringEquals", tags[0], "x")) is Allowed
