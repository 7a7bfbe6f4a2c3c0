"""The product's decisions beside those of a second evaluator, and beside a foreign one where that is right.

The foreign one is moto's, which evaluates no conditions, variables, NotResource, `?`, boundaries, or resource policies,
and minds the case of actions; what remains is compared. PrincipalMapper 1.1.5 (AGPL, and not for this Python without a
patch) was compared once, with 3,926 cases: it differed from both in 173, of which all but 2 have what it does not read
as AWS's text has it: variables with defaults or in conditions, the case of resources, dates with an offset,
BinaryEquals, NotPrincipal, and resource policies of IAM or beside a boundary. In the 2 it misses `{"AWS": "*"}` and a
negated key.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from ssm_hardening.iam.decisions import Allowed, Denied, Undetermined
from tests.evaluation.cases import CANONICAL, EVERYTHING, OTHER, OWN, Case, Making, decided
from tests.evaluation.conditions import Request
from tests.evaluation.evaluator import Policies, answers

ALICE, BOB = f"arn:aws:iam::{OWN}:user/alice", f"arn:aws:iam::{OTHER}:user/bob"
SESSION, ROLE = f"arn:aws:sts::{OWN}:assumed-role/ops/alice", f"arn:aws:iam::{OWN}:role/ops"
FEDERATED = f"arn:aws:sts::{OWN}:federated-user/alice"
NOTHING: dict[str, Any] = {"Version": "2012-10-17", "Statement": []}


def policy(effect: str = "Allow", version: str = "2012-10-17", **members: Any) -> dict[str, Any]:
    return {"Version": version, "Statement": {"Effect": effect, "Action": "s3:*", "Resource": "*", **members}}


def asked(policies: Policies, caller: str = ALICE, context: Mapping[str, str] | None = None) -> set[bool]:
    """Return what the second evaluator says of reading an object."""
    values = {key: (value,) for key, value in (context or {}).items()}
    return answers(Request("s3:GetObject", "arn:aws:s3:::logs/sessions/alice/1.log", OWN, caller, values), policies)


YES, NO, OPEN = {True}, {False}, {True, False}
RIGHT: Mapping[str, tuple[set[bool], Policies, str, dict[str, str]]] = {
    "nothing allows": (NO, Policies(), ALICE, {}),
    "an identity policy": (YES, Policies(identity=[policy()]), ALICE, {}),
    "a Deny beside it": (NO, Policies(identity=[policy(), policy("Deny")]), ALICE, {}),
    "a boundary limits an identity policy": (NO, Policies(identity=[policy()], boundary=NOTHING), ALICE, {}),
    "a level must allow": (NO, Policies(identity=[policy()], levels=[[EVERYTHING], [NOTHING]]), ALICE, {}),
    "a resource's policy names the user": (YES, Policies(resource=policy(Principal={"AWS": ALICE})), ALICE, {}),
    "past the boundary of a user": (
        YES, Policies(boundary=NOTHING, resource=policy(Principal={"AWS": ALICE})), ALICE, {},
    ),
    "not past that of a role": (NO, Policies(boundary=NOTHING, resource=policy(Principal={"AWS": ROLE})), SESSION, {}),
    "but past it for a session": (
        YES, Policies(boundary=NOTHING, resource=policy(Principal={"AWS": SESSION})), SESSION, {},
    ),
    "who federated is limited": (
        NO, Policies(session=NOTHING, resource=policy(Principal={"AWS": ALICE})), FEDERATED, {},
    ),
    "the account delegates": (NO, Policies(resource=policy(Principal={"AWS": OWN})), ALICE, {}),
    "everybody needs no more": (YES, Policies(resource=policy(Principal="*")), ALICE, {}),
    "everybody past a boundary": (OPEN, Policies(boundary=NOTHING, resource=policy(Principal="*")), ALICE, {}),
    "a key must allow by itself": (NO, Policies(identity=[policy()], resource=NOTHING, alone=True), ALICE, {}),
    "a key leaves it to the account": (
        YES, Policies(identity=[policy()], resource=policy(Principal={"AWS": OWN}), alone=True), ALICE, {},
    ),
    "another account: both": (YES, Policies(identity=[policy()], resource=policy(Principal={"AWS": OTHER})), BOB, {}),
    "another account: its own alone": (NO, Policies(identity=[policy()]), BOB, {}),
    "another account: the resource's alone": (NO, Policies(resource=policy(Principal={"AWS": BOB})), BOB, {}),
    "a canonical user": (
        OPEN,
        Policies(identity=[policy()], resource=policy(Principal={"CanonicalUser": CANONICAL}), alone=True),
        ALICE, {},
    ),
    "NotPrincipal names user and account": (
        YES, Policies(identity=[policy()], resource=policy("Deny", NotPrincipal={"AWS": [ALICE, OWN]})), ALICE, {},
    ),
    "NotPrincipal names the user only": (
        OPEN, Policies(identity=[policy()], resource=policy("Deny", NotPrincipal={"AWS": ALICE})), ALICE, {},
    ),
    "NotPrincipal denies whoever has a boundary": (
        NO,
        Policies(identity=[policy()], boundary=policy(), resource=policy("Deny", NotPrincipal={"AWS": [ALICE, OWN]})),
        ALICE, {},
    ),
    "a variable": (
        YES, Policies(identity=[policy(Resource="arn:aws:s3:::logs/sessions/${aws:username}/*")]), ALICE,
        {"aws:username": "alice"},
    ),
    "a variable of the old version is text": (
        NO, Policies(identity=[policy(version="2008-10-17", Resource="arn:aws:s3:::logs/sessions/${aws:username}/*")]),
        ALICE, {"aws:username": "alice"},
    ),
    "a default value": (
        YES, Policies(identity=[policy(Resource="arn:aws:s3:::logs/sessions/${aws:username, 'alice'}/*")]), SESSION, {},
    ),
    "a variable without value": (
        NO, Policies(identity=[policy(Resource="arn:aws:s3:::logs/sessions/${aws:username}/*")]), SESSION, {},
    ),
    "a literal asterisk": (NO, Policies(identity=[policy(Resource="arn:aws:s3:::logs/${*}")]), ALICE, {}),
    "an ARN part by part": (
        NO, Policies(identity=[policy(Condition={"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:1:a*"}})]), ALICE,
        {"aws:sourcearn": "arn:aws:sns:eu-west-1:2:b:1:a"},
    ),
    "the same ARN as a text": (
        YES, Policies(identity=[policy(Condition={"StringLike": {"aws:SourceArn": "arn:aws:sns:*:1:a*"}})]), ALICE,
        {"aws:sourcearn": "arn:aws:sns:eu-west-1:2:b:1:a"},
    ),
    "a negation of a missing key": (
        YES, Policies(identity=[policy(Condition={"StringNotLike": {"aws:SourceVpce": "vpce-1"}})]), ALICE, {},
    ),
    "all of no values": (
        YES, Policies(identity=[policy(Condition={"ForAllValues:StringEquals": {"aws:TagKeys": "a"}})]), ALICE, {},
    ),
    "any of no values": (
        NO, Policies(identity=[policy(Condition={"ForAnyValue:StringEquals": {"aws:TagKeys": "a"}})]), ALICE, {},
    ),
    "none of several values": (
        NO, Policies(identity=[policy(Condition={"StringNotEquals": {"aws:username": ["bob", "alice"]}})]), ALICE,
        {"aws:username": "alice"},
    ),
    "a key that is there": (
        NO, Policies(identity=[policy(Condition={"Null": {"aws:username": "true"}})]), ALICE, {"aws:username": "alice"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", RIGHT)
def test_the_second_evaluator_follows_the_text_of_aws(name: str) -> None:
    right, policies, caller, context = RIGHT[name]
    assert asked(policies, caller, context) == right


def _differences(case: Case) -> Iterator[str]:
    """Yield what is different about a case; of what AWS leaves open, the product may say anything."""
    right = answers(case.request, case.policies)
    for found in decided(case):
        said = {Allowed: {True}, Denied: {False}, Undetermined: {True, False}}[type(found)]
        if right not in ({True, False}, said):
            shown = {name: getattr(case.policies, name) for name in Policies.__slots__}
            yield f"{right} is right, but {found}:\n{case.request}\n{json.dumps(shown, indent=1)}"


def _compared(seed: int, count: int) -> list[str]:
    making = Making(seed)
    return [difference for _ in range(count) for difference in _differences(making.case())]


def test_the_product_decides_as_the_second_evaluator_does() -> None:
    differences = _compared(seed=1, count=1_000)
    assert not differences, f"{len(differences)} differences\n" + "\n".join(differences[:3])


@pytest.mark.corpus
@pytest.mark.parametrize("seed", range(2, 12))
def test_the_product_decides_as_the_second_evaluator_does_in_many_cases(seed: int) -> None:
    differences = _compared(seed, count=2_000)
    assert not differences, f"{len(differences)} differences\n" + "\n".join(differences[:3])


def test_many_cases_are_allowed_and_few_are_open() -> None:
    making = Making(1)
    cases = [making.case() for _ in range(500)]
    seen = Counter(str(answers(case.request, case.policies)) for case in cases)
    assert seen["{True}"] > 75, seen
    assert seen["{False, True}"] < 25, seen


def _plain(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what moto can evaluate of a policy."""
    kept = [statement for statement in document["Statement"] if "NotResource" not in statement]
    plain = [{name: member for name, member in statement.items() if name != "Condition"} for statement in kept]
    return [statement for statement in plain if not any(mark in str(statement) for mark in ("?", "${", "SSM:"))]


def test_a_foreign_evaluator_says_the_same_of_plain_identity_policies() -> None:
    from moto.iam.access_control import IAMPolicy, PermissionResult

    making = Making(1)
    for _ in range(150):
        asked_for = making.case().request
        document = {"Version": "2012-10-17", "Statement": _plain(making.document("Allow", 0.7))}
        said = IAMPolicy(json.dumps(document)).is_action_permitted(asked_for.action, asked_for.resource)
        request = Request(asked_for.action, asked_for.resource, OWN, ALICE, {})
        assert answers(request, Policies(identity=[document])) == {said is PermissionResult.PERMITTED}, document
