"""Whom a statement of a resource's policy speaks of, and what of its grants a permissions boundary limits."""

from dataclasses import replace
from typing import Any

import pytest

from ssm_hardening.core.values import Absent, Inventory, Reference
from ssm_hardening.iam.decisions import Allowed, Decision, Denied, Policies, Request, Undetermined, decide
from ssm_hardening.iam.statements import Statement
from tests.iam.shapes import AT, GAP, policy, value

ACCOUNT = "111122223333"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/team/operators"
USER = f"arn:aws:iam::{ACCOUNT}:user/alex"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/operators/alex"
OTHER_SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/operators/kim"
FEDERATED = f"arn:aws:sts::{ACCOUNT}:federated-user/alex"
EVERYTHING = {"Action": "*", "Resource": "*"}
NOTHING = policy()
OTHER_SERVICE = policy({"Effect": "Allow", "Action": "ec2:*", "Resource": "*"})


def asked(principal: Any) -> Request:
    return Request(
        action="s3:GetObject",
        resource="arn:aws:s3:::logs/alex",
        account=value(ACCOUNT),
        region=value("eu-west-1"),
        rest=Absent(AT),
        principal=value(principal),
    )


def answer(principal: Any, *of_resource: dict[str, Any], **more: Any) -> Decision:
    policies = Policies(**{"identity": NOTHING, "resource": policy(*of_resource), **more})
    return decide(asked(principal), policies)


def allow(principal: Any, **more: Any) -> dict[str, Any]:
    named = principal if principal == "*" else {"AWS": principal}
    return {"Effect": "Allow", "Principal": named, **EVERYTHING, **more}


@pytest.mark.parametrize("limit", ["boundary", "session"])
@pytest.mark.parametrize(
    ("caller", "granted", "decision"),
    [
        (USER, allow(USER), Allowed),
        (USER, allow("*"), Allowed),
        (USER, allow(ROOT), Denied),
        (SESSION, allow(SESSION), Allowed),
        (SESSION, allow(ROLE), Denied),
        (SESSION, allow(OTHER_SESSION), Denied),
        (SESSION, allow([ROLE, SESSION]), Allowed),
        (FEDERATED, allow(FEDERATED), Allowed),
        (ROLE, allow(ROLE), Denied),
        (ROLE, allow("*"), Allowed),
        (ROLE, allow([ROLE, "*"]), Allowed),
        (ROLE, allow(SESSION), Undetermined),
    ],
)
def test_what_a_resource_grants_to_a_role_alone_is_limited(
    limit: str, caller: str, granted: dict[str, Any], decision: type[Decision]
) -> None:
    assert isinstance(answer(caller, granted, **{limit: OTHER_SERVICE}), decision)
    denying = policy({"Effect": "Deny", **EVERYTHING})
    assert isinstance(answer(caller, granted, **{limit: denying}), Denied)


def test_a_user_that_is_known_by_its_address_is_none_the_less_a_user() -> None:
    user, role = Reference("module.m.aws_iam_user.alex[0]", "arn"), Reference("aws_iam_role.operators", "arn")
    assert isinstance(answer(user, allow(user), boundary=OTHER_SERVICE), Allowed)
    assert isinstance(answer(role, allow(role), boundary=OTHER_SERVICE), Denied)


def test_a_boundary_that_was_not_read_may_only_deny_what_a_resource_grants_to_a_user() -> None:
    unread: Inventory[Statement] = Inventory((), GAP)
    found = answer(USER, allow(USER), boundary=unread)
    assert isinstance(found, Allowed)
    assert found.unless == GAP
    assert isinstance(answer(ROLE, allow(ROLE), boundary=unread), Undetermined)


def test_guardrails_limit_what_a_resource_grants_to_a_user() -> None:
    assert isinstance(answer(USER, allow(USER), guardrails=(OTHER_SERVICE,)), Denied)
    assert isinstance(answer(USER, allow(USER), guardrails=(Inventory((), GAP),)), Undetermined)


def test_a_role_without_a_boundary_needs_no_policy_of_its_own() -> None:
    assert isinstance(answer(ROLE, allow(ROLE)), Allowed)
    assert isinstance(answer(SESSION, allow(ROLE)), Allowed)


def test_a_key_policy_grants_to_a_user_whatever_its_boundary_leaves_out() -> None:
    own = policy({"Effect": "Allow", **EVERYTHING})
    assert isinstance(answer(USER, allow(USER), boundary=OTHER_SERVICE, key_policy=True), Allowed)
    assert isinstance(answer(USER, allow(ROOT), identity=own, boundary=OTHER_SERVICE, key_policy=True), Denied)
    assert isinstance(answer(USER, allow(ROOT), identity=own, key_policy=True), Allowed)


def deny_all_but(*principals: str) -> dict[str, Any]:
    return {"Effect": "Deny", "NotPrincipal": {"AWS": list(principals)}, **EVERYTHING}


@pytest.mark.parametrize(
    ("caller", "spared", "decision"),
    [
        (USER, (USER, ROOT), Allowed),
        (USER, (USER,), Undetermined),
        (USER, (ROOT,), Denied),
        (USER, (ROLE, SESSION, ROOT), Denied),
        (SESSION, (SESSION, ROLE, ROOT), Allowed),
        (SESSION, (OTHER_SESSION, ROLE, ROOT), Undetermined),
        (SESSION, (ROLE, ROOT), Undetermined),
        (SESSION, (SESSION, ROOT), Undetermined),
        (SESSION, (USER, ROOT), Denied),
        (ROLE, (ROLE, ROOT), Undetermined),
        (ROLE, (USER, ROOT), Denied),
        (ROLE, ("arn:aws:iam::444455556666:role/team/operators",), Denied),
        (ROLE, ("*",), Allowed),
    ],
)
def test_a_deny_with_not_principal_spares_whom_it_names(
    caller: str, spared: tuple[str, ...], decision: type[Decision]
) -> None:
    found = answer(caller, allow("*"), deny_all_but(*spared))
    assert isinstance(found, decision)


def test_a_deny_with_not_principal_denies_whoever_has_a_boundary() -> None:
    everything = policy({"Effect": "Allow", **EVERYTHING})
    policies = (allow("*"), deny_all_but(USER, ROOT))
    assert isinstance(answer(USER, *policies), Allowed)
    assert isinstance(answer(USER, *policies, boundary=everything), Denied)
    assert isinstance(answer(USER, *policies, boundary=Inventory((), GAP)), Undetermined)
    assert isinstance(answer(USER, *policies, session=everything), Allowed)


@pytest.mark.parametrize(
    ("caller", "left_out", "decision"),
    [
        (USER, USER, Denied),
        (USER, ROLE, Allowed),
        (USER, ROOT, Undetermined),
        (SESSION, SESSION, Denied),
        (SESSION, OTHER_SESSION, Allowed),
        (SESSION, ROLE, Undetermined),
        (ROLE, ROLE, Undetermined),
        (ROLE, USER, Allowed),
        (ROLE, "*", Denied),
    ],
)
def test_an_allow_with_not_principal_grants_to_all_but_whom_it_names(
    caller: str, left_out: str, decision: type[Decision]
) -> None:
    granted = {"Effect": "Allow", "NotPrincipal": {"AWS": left_out}, **EVERYTHING}
    assert isinstance(answer(caller, granted), decision)
    if decision is Allowed:
        assert isinstance(answer(caller, granted, boundary=OTHER_SERVICE), Allowed)


def test_principals_of_services_except_no_person() -> None:
    spared = {"Effect": "Deny", "NotPrincipal": {"Service": "logs.amazonaws.com"}, **EVERYTHING}
    assert isinstance(answer(USER, allow("*"), spared), Denied)
    assert isinstance(answer(USER, allow("*"), {**spared, "NotPrincipal": GAP}), Undetermined)


def test_a_principal_holds_no_variables() -> None:
    named = f"arn:aws:iam::{ACCOUNT}:user/${{aws:username}}"
    request = asked(USER)
    assert isinstance(decide(request, Policies(identity=NOTHING, resource=policy(allow(named)))), Denied)


@pytest.mark.parametrize(
    ("granted", "decision"),
    [
        (allow(USER), Allowed),
        (allow(Reference("aws_iam_user.alex", "arn")), Allowed),
        (allow(f"arn:aws:iam::{ACCOUNT}:user/kim"), Denied),
    ],
)
def test_a_caller_that_the_code_declares_is_also_named_by_its_arn(granted: dict[str, Any], decision: type) -> None:
    declared = replace(asked(Reference("aws_iam_user.alex", "arn")), spelled=USER)
    found = decide(declared, Policies(identity=NOTHING, resource=policy(granted)))
    assert isinstance(found, decision)


def test_the_session_of_a_role_that_the_code_declares_may_be_any_of_its_sessions() -> None:
    declared = replace(asked(Reference("aws_iam_role.operators", "arn")), spelled=ROLE)
    found = decide(declared, Policies(identity=NOTHING, resource=policy(allow(SESSION))))
    assert isinstance(found, Undetermined)
