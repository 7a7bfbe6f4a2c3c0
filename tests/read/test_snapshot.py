import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings

import ssm_hardening
from ssm_hardening.core.errors import UsageError
from ssm_hardening.core.origins import CodeOrigin
from ssm_hardening.core.values import Absent, Inventory, Items, Known, Record, Reference, Template, Unknown, Why
from ssm_hardening.model import Account
from ssm_hardening.read.snapshot import from_json, loads, to_json, value_json
from tests.rules import builders
from tests.strategies import accounts

SCHEMAS = Path(ssm_hardening.__file__).parent / "schemas"
AT = CodeOrigin("main.tf", 3)
NEXT = CodeOrigin("main.tf", 4)
PLACE = {"file": "main.tf", "line": 3, "module_path": ""}


@cache
def schema() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((SCHEMAS / "account-1.schema.json").read_text(encoding="utf-8"))
    return found


@cache
def validator() -> jsonschema.Draft202012Validator:
    jsonschema.Draft202012Validator.check_schema(schema())
    return jsonschema.Draft202012Validator(schema())


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(accounts())
def test_every_account_is_written_by_the_schema(account: Account) -> None:
    validator().validate(to_json([account]))


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(accounts())
def test_nothing_is_lost_on_the_way_there_and_back(account: Account) -> None:
    document = to_json([account])
    assert from_json(document) == (account,)
    assert loads(json.dumps(document), file="a.json") == (account,)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Known("x", AT), {"known": True, "value": "x", "at": PLACE}),
        (Known(20, AT, defaulted=True), {"known": True, "value": 20, "at": PLACE, "defaulted": True}),
        (Known(True, AT, raw="true"), {"known": True, "value": True, "at": PLACE, "raw": "true"}),
        (Absent(AT), {"known": True, "value": None, "at": PLACE}),
        (
            Known(Reference("aws_s3_bucket.logs", "id"), AT),
            {"known": True, "ref": "aws_s3_bucket.logs", "attribute": "id", "at": PLACE},
        ),
        (
            Known(Template(("arn:", Unknown(Why.COMPUTED, AT, "local.x"), "/*")), AT),
            {
                "known": True,
                "text": ["arn:", {"known": False, "why": "computed", "detail": "local.x", "at": PLACE}, "/*"],
                "at": PLACE,
            },
        ),
        (Known(Items((Known("a", AT),)), AT), {"known": True, "value": ["a"], "at": PLACE}),
        (
            Known(Record({"k": Known("a", NEXT)}), AT),
            {
                "known": True,
                "value": {"k": "a"},
                "members": {"k": {"known": True, "value": "a", "at": {**PLACE, "line": 4}}},
                "at": PLACE,
            },
        ),
        (
            Unknown(Why.UNRESOLVED_INPUT, AT, "var.x", (Known("a", AT),)),
            {
                "known": False,
                "why": "unresolved_input",
                "detail": "var.x",
                "at": PLACE,
                "one_of": [{"known": True, "value": "a", "at": PLACE}],
            },
        ),
    ],
)
def test_the_contract_of_a_value(value: Any, expected: dict[str, Any]) -> None:
    assert value_json(value) == expected


def test_a_list_with_a_hole_has_no_plain_value() -> None:
    body = value_json(Known(Items((Known("a", AT), Unknown(Why.DENIED, AT, "s3:GetX"))), AT))
    assert "value" not in body
    assert [item["known"] for item in body["items"]] == [True, False]


def test_a_number_that_json_lacks_is_not_known() -> None:
    assert value_json(Known(float("inf"), AT))["known"] is False


def test_lists_that_this_source_does_not_read_are_gaps() -> None:
    (account,) = to_json([builders.account()])["accounts"]
    assert account["roles"]["items"] == []
    assert account["roles"]["gap"]["why"] == "out_of_scope"


def _document(**changes: Any) -> dict[str, Any]:
    document = to_json([builders.account()])
    document["accounts"][0] |= changes
    return document


def test_a_plain_null_is_absent_and_inherits_its_place() -> None:
    document = _document()
    document["accounts"][0]["session_documents"]["items"][0]["kms_key"] = None
    (account,) = from_json(document)
    item = account.session_documents.items[0]
    assert item.kms_key == Absent(item.origin)


def test_what_is_not_mentioned_is_a_gap_not_an_absence() -> None:
    document = _document()
    del document["accounts"][0]["session_documents"]["items"][0]["kms_key"]
    del document["accounts"][0]["keys"]
    (account,) = from_json(document)
    assert isinstance(account.session_documents.items[0].kms_key, Unknown)
    assert account.keys == Inventory((), Unknown(Why.OUT_OF_SCOPE, account.at, "keys is not in the snapshot"))


def test_unknown_keys_are_ignored() -> None:
    document = _document(novelty=[1, 2])
    assert from_json({**document, "more": True}) == (builders.account(),)


def _first(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = document["accounts"][0]["session_documents"]["items"][0]
    return found


def _deep(depth: int) -> Any:
    nest: Any = "x"
    for _ in range(depth):
        nest = [nest]
    return nest


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("s3_bucket", 5, "s3_bucket: expected an object, found the number 5"),
        ("s3_bucket", {"known": True, "value": 5}, "s3_bucket: expected a string"),
        ("s3_encryption_enabled", {"known": True, "value": "yes"}, "s3_encryption_enabled: expected a boolean"),
        ("idle_session_timeout", {"known": True, "value": True}, "idle_session_timeout: expected a whole number"),
        ("idle_session_timeout", {"known": True}, "idle_session_timeout: has no 'value'"),
        ("kms_key", {"known": False, "why": "mood", "detail": ""}, "kms_key.why: unknown reason 'mood'"),
        ("kms_key", {"known": "no"}, "kms_key.known: expected a boolean"),
        ("kms_key", {"known": True, "text": [3]}, "kms_key.text[0]: expected an object"),
        ("parameters", {"known": True, "value": _deep(5000)}, "nested too deeply"),
        ("origin", {"file": "a.tf", "line": "3"}, "origin.line: expected a whole number"),
        ("address", None, "address: expected a string, found null"),
    ],
)
def test_a_wrong_member_is_named_by_its_path(field: str, value: Any, message: str) -> None:
    document = _document()
    _first(document)[field] = value
    with pytest.raises(UsageError) as caught:
        from_json(document, file="a.json")
    assert "a.json: $.accounts[0].session_documents.items[0]" in caught.value.message
    assert message in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ([], "$: expected an object, found a list"),
        ({"accounts": []}, "$: has no 'schema'"),
        (
            {"schema": "ssm-harden/account/2", "accounts": []},
            "$.schema: unsupported schema 'ssm-harden/account/2'; expected ssm-harden/account/1",
        ),
        ({"schema": "ssm-harden/account/1", "accounts": {}}, "$.accounts: expected a list, found an object"),
        ({"schema": "ssm-harden/account/1", "accounts": [{}]}, "$.accounts[0]: has no 'source'"),
    ],
)
def test_another_document_is_refused(document: object, message: str) -> None:
    with pytest.raises(UsageError, match=r"^a\.json: ") as caught:
        from_json(document, file="a.json")
    assert message in caught.value.message


@pytest.mark.parametrize("text", ['{"schema": "ssm-har', "", "[" * 200_000, '{"a": NaN}'])
def test_a_file_that_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"^a\.json") as caught:
        loads(text, file="a.json")
    assert caught.value.hint
