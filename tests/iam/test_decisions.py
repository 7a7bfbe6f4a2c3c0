"""The engine against two other evaluations, and its own laws."""

import json
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from ssm_hardening.core.values import Absent, Inventory, Items, Known, Record, Reference, Value
from ssm_hardening.iam.decisions import Allowed, Decision, Denied, Policies, Request, Undetermined, decide, surely
from ssm_hardening.iam.statements import Statement, statements_of
from tests.iam import random_policies as by_chance
from tests.iam import reference
from tests.iam.shapes import AT, GAP, policy, value

CASES = [1_000, pytest.param(10_000, marks=pytest.mark.corpus)]
EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def inventory(statements: list[dict[str, Any]]) -> Inventory[Statement]:
    return policy(*statements)


def asked(case: by_chance.Case, **more: Any) -> Request:
    fields: dict[str, Any] = {
        "action": case.action,
        "resource": case.resource,
        "account": value(by_chance.ACCOUNT),
        "region": value("eu-west-1"),
        "context": {key: value(texts) for key, texts in case.keys.items()},
        "rest": Absent(AT),
        "principal": value(case.principal),
        **more,
    }
    return Request(**fields)


def policies(case: by_chance.Case) -> Policies:
    of_resource = None if case.of_resource is None else inventory(case.of_resource)
    limits = [inventory(each) for each in case.limits]
    boundary = limits[0] if limits else None
    guardrails = tuple(limits[1:])
    return Policies(identity=inventory(case.identity), boundary=boundary, guardrails=guardrails, resource=of_resource)


def expected(case: by_chance.Case) -> bool:
    return reference.decide(
        case.action,
        case.resource,
        case.keys,
        case.identity,
        limits=case.limits[:1],
        guardrails=case.limits[1:],
        of_resource=case.of_resource,
        principal=case.principal,
    )


@pytest.mark.parametrize("cases", CASES)
def test_random_policies_agree_with_a_brute_force_evaluation(cases: int) -> None:
    chance = by_chance.seeded(4)
    verdicts = {True: 0, False: 0}
    for _ in range(cases):
        case = by_chance.case(chance)
        wanted = expected(case)
        verdicts[wanted] += 1
        assert isinstance(decide(asked(case), policies(case)), Allowed if wanted else Denied), case
    assert min(verdicts.values()) > cases / 10


def test_moto_is_never_contradicted() -> None:
    from moto.iam.access_control import IAMPolicy, PermissionResult

    chance, seen = by_chance.seeded(5), set()
    for _ in range(2_000):
        statements = [by_chance.statement(chance, conditions=False) for _ in range(chance.randint(1, 3))]
        if any(_beyond_moto(each) for each in statements):
            continue
        action, resource = chance.choice(by_chance.ACTIONS), chance.choice(by_chance.RESOURCES)
        theirs = IAMPolicy(json.dumps({"Statement": statements})).is_action_permitted(action, resource)
        case = by_chance.Case(action, resource, {}, statements, (), None)
        ours = decide(asked(case), policies(case))
        seen.add(theirs)
        assert isinstance(ours, Allowed) == (theirs is PermissionResult.PERMITTED), case
        assert (isinstance(ours, Denied) and ours.by is not None) == (theirs is PermissionResult.DENIED), case
    assert seen == set(PermissionResult)


def _beyond_moto(statement: dict[str, Any]) -> bool:
    """Say whether moto reads it otherwise than AWS does: NotResource, `?`, variables, the case of actions."""
    text = json.dumps(statement)
    return "NotResource" in text or any(mark in text for mark in ("?", "${", "SSM:"))


def test_one_more_deny_never_allows() -> None:
    chance = by_chance.seeded(6)
    for _ in range(1_000):
        case = by_chance.case(chance)
        deny = {**by_chance.statement(chance), "Effect": "Deny"}
        before = decide(asked(case), policies(case))
        after = decide(asked(case), policies(replace(case, identity=[*case.identity, deny])))
        assert isinstance(before, Allowed) or not isinstance(after, Allowed)


def test_a_wider_pattern_of_what_is_allowed_never_denies() -> None:
    chance = by_chance.seeded(7)
    for _ in range(1_000):
        case = by_chance.case(chance)
        wider = [_widened(each, chance) for each in case.identity]
        if isinstance(decide(asked(case), policies(case)), Allowed):
            assert isinstance(decide(asked(case), policies(replace(case, identity=wider))), Allowed), case


def _widened(statement: dict[str, Any], chance: Random) -> dict[str, Any]:
    if statement["Effect"] == "Deny":
        return statement
    key = chance.choice([each for each in ("Action", "Resource") if each in statement] or ["Sid"])
    return {**statement, key: "*"}


def test_what_is_hidden_leaves_the_answer_or_makes_it_open() -> None:
    chance, opened = by_chance.seeded(8), 0
    for _ in range(1_500):
        case = by_chance.case(chance)
        full = decide(asked(case), policies(case))
        for less in (_with_hidden_part(case, chance), _with_hidden_key(case, chance)):
            answer = decide(*less)
            opened += isinstance(answer, Undetermined)
            assert isinstance(answer, Undetermined) or type(answer) is type(full), case
    assert opened > 150


def test_a_hidden_statement_leaves_a_grant_that_only_it_may_deny() -> None:
    chance, kept, taken = by_chance.seeded(8), 0, 0
    for _ in range(1_500):
        case = by_chance.case(chance)
        full, less = decide(asked(case), policies(case)), decide(*_with_gap(case))
        if isinstance(less, Allowed):
            kept, taken = kept + isinstance(full, Allowed), taken + isinstance(full, Denied)
            assert less.unless == GAP
            assert isinstance(full, Allowed) or case.identity[0]["Effect"] == "Deny"
        else:
            assert isinstance(less, Undetermined) or type(less) is type(full), case
        assert isinstance(surely(less), Undetermined | Denied)
    assert kept > 50
    assert taken > 0


def test_a_grant_says_which_request_is_allowed() -> None:
    """The request is an example of the grant: it makes no other decision of it."""
    known = inventory([{"Effect": "Allow", "Action": "ssm:StartSession", "Resource": "*"}])
    request = replace(asked(by_chance.case(by_chance.seeded(1))), action="ssm:StartSession")
    decision = decide(request, Policies(identity=known))
    assert isinstance(decision, Allowed)
    assert decision.request is request
    assert decision == Allowed(known.items[0])
    assert hash(decision) == hash(Allowed(known.items[0]))


def test_a_grant_beside_an_unread_policy_is_one_unless_that_denies_it() -> None:
    """A boundary that was not read may leave anything out; a written Deny that may apply is no unread policy."""
    grant = {"Effect": "Allow", "Action": "ssm:StartSession", "Resource": "*"}
    deny = {"Effect": "Deny", "Action": "ssm:StartSession", "Resource": "*", "Condition": GAP}
    case = by_chance.case(by_chance.seeded(1))
    request = replace(asked(case), action="ssm:StartSession")
    known = inventory([grant])
    unread = Inventory(known.items, GAP)
    assert decide(request, Policies(identity=known)) == Allowed(known.items[0])
    assert decide(request, Policies(identity=unread)) == Allowed(known.items[0], GAP)
    assert decide(request, Policies(identity=known, resource=Inventory((), GAP))) == Allowed(known.items[0], GAP)
    for limit in (Inventory((), GAP), Inventory(known.items, GAP)):
        assert isinstance(decide(request, Policies(identity=known, boundary=limit)), Undetermined)
        assert isinstance(decide(request, Policies(identity=known, session=limit)), Undetermined)
        assert isinstance(decide(request, Policies(identity=known, guardrails=(limit,))), Undetermined)
    doubtful = inventory([grant, deny])
    assert isinstance(decide(request, Policies(identity=doubtful)), Undetermined)
    assert isinstance(decide(request, Policies(identity=Inventory((), GAP))), Undetermined)


def _with_hidden_part(case: by_chance.Case, chance: Random) -> tuple[Request, Policies]:
    hidden = [dict(each) for each in case.identity]
    one = chance.choice(hidden)
    one[chance.choice(list(one))] = GAP
    return asked(case), replace(policies(case), identity=inventory(hidden))


def _with_gap(case: by_chance.Case) -> tuple[Request, Policies]:
    full = policies(case)
    return asked(case), replace(full, identity=Inventory(full.identity.items[1:], GAP))


def _with_hidden_key(case: by_chance.Case, chance: Random) -> tuple[Request, Policies]:
    context: dict[str, Value[Items]] = {key: value(texts) for key, texts in case.keys.items()}
    hidden = chance.choice([*context, *(key.lower() for key in by_chance.KEYS)])
    return asked(case, context={**context, hidden: GAP}), policies(case)


REGIONS = {"eu-west-1": "aws", "cn-north-1": "aws-cn", "us-gov-west-1": "aws-us-gov"}


def start_with_aws_document(region: str) -> Request:
    return Request(
        action="ssm:StartSession",
        resource=f"arn:{REGIONS[region]}:ssm:{region}::document/AWS-StartSSHSession",
        account=value(by_chance.ACCOUNT),
        region=value(region),
        rest=Absent(AT),
    )


def deny_of(resource: Any) -> Policies:
    return Policies(identity=policy(EVERYTHING, {"Effect": "Deny", "Action": "ssm:StartSession", "Resource": resource}))


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize("account", ["*", ""])
def test_a_document_of_awss_own_has_no_account_in_any_partition(region: str, account: str) -> None:
    pattern = f"arn:{REGIONS[region]}:ssm:*:{account}:document/AWS-StartSSHSession"
    assert isinstance(decide(start_with_aws_document(region), deny_of(pattern)), Denied)


@pytest.mark.parametrize("region", REGIONS)
def test_a_deny_that_names_an_account_never_reaches_a_document_of_awss_own(region: str) -> None:
    pinned = f"arn:{REGIONS[region]}:ssm:*:{by_chance.ACCOUNT}:document/AWS-StartSSHSession"
    assert isinstance(decide(start_with_aws_document(region), deny_of(pinned)), Allowed)


@pytest.mark.parametrize("principal", [by_chance.ROOT, by_chance.ACCOUNT])
def test_a_deny_to_an_account_denies_everybody_in_it(principal: str) -> None:
    case = by_chance.Case(
        "s3:GetObject",
        by_chance.RESOURCES[-1],
        {},
        [EVERYTHING],
        (),
        [{**EVERYTHING, "Effect": "Deny", "Principal": {"AWS": principal}}],
    )
    assert isinstance(decide(asked(case), policies(case)), Denied)


def test_an_account_left_unread_leaves_a_deny_to_it_open() -> None:
    to_all = {**EVERYTHING, "Principal": "*"}
    deny = policy({**EVERYTHING, "Effect": "Deny", "Principal": {"AWS": by_chance.ROOT}}, to_all)
    case = by_chance.Case("s3:GetObject", by_chance.RESOURCES[-1], {}, [EVERYTHING], (), None)
    caller = value(Reference("aws_iam_role.operators", "arn"))
    answer = decide(asked(case, account=GAP, principal=caller), replace(policies(case), resource=deny))
    assert isinstance(answer, Undetermined)


def test_the_account_of_a_caller_is_that_of_its_arn() -> None:
    to_all = {**EVERYTHING, "Principal": "*"}
    deny = policy({**EVERYTHING, "Effect": "Deny", "Principal": {"AWS": by_chance.ROOT}}, to_all)
    case = by_chance.Case("s3:GetObject", by_chance.RESOURCES[-1], {}, [EVERYTHING], (), None)
    other = value("arn:aws:iam::444455556666:role/operators")
    assert isinstance(decide(asked(case, account=GAP), replace(policies(case), resource=deny)), Denied)
    assert isinstance(decide(asked(case, principal=other), replace(policies(case), resource=deny)), Allowed)


def test_a_caller_of_another_account_needs_the_policy_of_the_resource() -> None:
    case = by_chance.Case("s3:GetObject", by_chance.RESOURCES[-1], {}, [EVERYTHING], (), None)
    question = asked(case, principal=value("arn:aws:iam::444455556666:role/operators"))
    for principal, right in (({"AWS": by_chance.ROOT}, Denied), ({"AWS": "444455556666"}, Allowed)):
        granted = policy({**EVERYTHING, "Principal": principal})
        assert isinstance(decide(question, replace(policies(case), resource=granted)), right)


def test_who_federated_is_not_told_by_the_session() -> None:
    case = by_chance.Case("s3:GetObject", by_chance.RESOURCES[-1], {}, [], (), None)
    question = asked(case, principal=value(f"arn:aws:sts::{by_chance.ACCOUNT}:federated-user/any-name"))
    granted = policy({**EVERYTHING, "Principal": {"AWS": f"arn:aws:iam::{by_chance.ACCOUNT}:user/alice"}})
    assert isinstance(decide(question, replace(policies(case), resource=granted)), Undetermined)
    bounded = replace(policies(case), resource=granted, boundary=policy())
    assert isinstance(decide(question, bounded), Denied)


def key_policy(*statements: dict[str, Any]) -> Policies:
    return Policies(identity=policy(EVERYTHING), resource=policy(*statements), key_policy=True)


def decrypt(**more: Any) -> Decision:
    case = by_chance.Case("kms:Decrypt", f"arn:aws:kms:eu-west-1:{by_chance.ACCOUNT}:key/1", {}, [], (), None)
    return decide(asked(case), key_policy(*([more] if more else [])))


def test_a_key_policy_that_names_nobody_allows_nobody() -> None:
    assert isinstance(decrypt(**EVERYTHING, Principal={"AWS": by_chance.OTHER}), Denied)
    assert isinstance(decrypt(**EVERYTHING, Principal={"AWS": by_chance.ROLE}), Allowed)


def test_a_key_left_to_its_account_is_decided_by_the_accounts_policies() -> None:
    assert isinstance(decrypt(**EVERYTHING, Principal={"AWS": by_chance.ROOT}), Allowed)
    assert isinstance(decrypt(**EVERYTHING, Principal={"AWS": "arn:aws:iam::444455556666:root"}), Denied)


def test_values_of_a_policy_need_not_be_lists() -> None:
    document: Value[Any] = Known(Record({"Statement": value(EVERYTHING)}), AT)
    case = by_chance.Case("s3:GetObject", by_chance.RESOURCES[-1], {}, [], (), None)
    assert isinstance(decide(asked(case), Policies(identity=statements_of(document, AT))), Allowed)
