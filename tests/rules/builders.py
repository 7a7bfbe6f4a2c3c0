"""Facts with healthy defaults, for the tests of the rules.

Overrides may be plain: `preferences_document(idle_session_timeout=5, kms_key=None)`. Text, numbers and booleans become
Known, None Absent, a list Items (or an Inventory, where the model has one), a dict a Record; values stay as they are.
"""

from dataclasses import MISSING, fields
from functools import cache
from typing import Any, get_origin

from ssm_hardening.core.origins import CodeOrigin
from ssm_hardening.core.values import Absent, Inventory, Items, Known, Record, Reference, Unknown, Value, Why
from ssm_hardening.iam.statements import Statement
from ssm_hardening.model import (
    PREFERENCES_NAME,
    Account,
    Gap,
    Key,
    LogBucket,
    LogGroup,
    SessionDocument,
    UsageSign,
)
from ssm_hardening.model.facts import hints_of, none_read, not_read

AT = CodeOrigin("main.tf", 1)
ABSENT = Absent(AT)
DOCUMENT, BUCKET, GROUP = "aws_ssm_document.prefs", "aws_s3_bucket.logs", "aws_cloudwatch_log_group.sessions"
SESSION_KEY, BUCKET_KEY, GROUP_KEY = "aws_kms_key.session", "aws_kms_key.bucket", "aws_kms_key.group"


def known(value: Any, *, defaulted: bool = False, raw: str | None = None) -> Known[Any]:
    return Known(value, AT, defaulted=defaulted, raw=raw)


def unknown(detail: str = "var.missing has no default", why: Why = Why.UNRESOLVED_INPUT) -> Unknown:
    return Unknown(why, AT, detail)


def gap(detail: str = "module.remote is not vendored") -> Unknown:
    return Unknown(Why.OUT_OF_SCOPE, AT, detail)


def to(address: str, attribute: str = "arn") -> Known[Reference]:
    return Known(Reference(address, attribute), AT)


def lift(value: Any) -> Any:
    """Wrap a plain value in the model's own."""
    match value:
        case Known() | Absent() | Unknown() | Inventory():
            return value
        case None:
            return ABSENT
        case list():
            return known(Items(tuple(lift(item) for item in value)))
        case dict():
            return known(Record({key: lift(member) for key, member in value.items()}))
        case _:
            return known(value)


def fact(kind: Any, address: str, defaults: dict[str, Any], overrides: dict[str, Any]) -> Any:
    """Return a fact of this kind; a field that nobody mentions is one that its source does not read."""
    address = overrides.pop("address", address)
    origin = overrides.pop("origin", AT)
    declaration = overrides.pop("declaration", address.split("[")[0])
    lifted = lift_all(kind, {"exists": True, **defaults, **overrides})
    given = {"address": address, "declaration": declaration, "origin": origin, **lifted}
    needed = (each.name for each in fields(kind) if each.default is MISSING and each.default_factory is MISSING)
    unread = {each: none_read() if each in _inventories(kind) else not_read() for each in needed if each not in given}
    return kind(**given, **unread)


def lift_all(kind: Any, plain: dict[str, Any]) -> dict[str, Any]:
    """Wrap the fields of an object of this kind; a list is an Inventory where the model has one."""
    listed = _inventories(kind)
    return {name: _inventory(value) if name in listed else lift(value) for name, value in plain.items()}


@cache
def _inventories(kind: Any) -> frozenset[str]:
    return frozenset(name for name, hint in hints_of(kind).items() if get_origin(hint) is Inventory)


def preferences_document(**overrides: Any) -> SessionDocument:
    defaults = {
        "name": PREFERENCES_NAME,
        "document_type": "Session",
        "schema_version": "1.0",
        "session_type": "Standard_Stream",
        "default_version": unknown("computed", Why.COMPUTED),
        "latest_version": unknown("computed", Why.COMPUTED),
        "versions_agree": unknown("computed", Why.COMPUTED),
        "changed": unknown("computed", Why.COMPUTED),
        "shared_with": [],
        "prevent_destroy": True,
        "content_error": None,
        "s3_bucket": to(BUCKET, "id"),
        "s3_key_prefix": "sessions",
        "s3_encryption_enabled": True,
        "cloudwatch_log_group": to(GROUP, "name"),
        "cloudwatch_encryption_enabled": True,
        "cloudwatch_streaming_enabled": True,
        "kms_key": to(SESSION_KEY),
        "run_as_enabled": True,
        "run_as_default_user": "session",
        "idle_session_timeout": 15,
        "max_session_duration": 60,
        "shell_profile_linux": None,
        "shell_profile_windows": None,
        "parameters": None,
        "properties": None,
        "unknown_keys": [],
    }
    document: SessionDocument = fact(SessionDocument, DOCUMENT, defaults, overrides)
    return document


def custom_document(**overrides: Any) -> SessionDocument:
    """Return a healthy Standard_Stream document with a name of its own."""
    return preferences_document(**{"address": "aws_ssm_document.custom", "name": "Example-Shell", **overrides})


def command_document(**overrides: Any) -> SessionDocument:
    """Return a healthy command document: no inputs, one bounded parameter."""
    defaults: dict[str, Any] = {
        "address": "aws_ssm_document.command",
        "name": "Example-Tail",
        "session_type": "InteractiveCommands",
        "parameters": {"lines": {"type": "String", "default": "10", "allowedPattern": "^[0-9]{1,3}$"}},
        "properties": {"linux": {"commands": "tail -n {{ lines }} /var/log/messages", "runAsElevated": False}},
    }
    return preferences_document(**defaults | _no_inputs() | overrides)


def port_document(**overrides: Any) -> SessionDocument:
    """Return a healthy port document: host and port pinned."""
    defaults: dict[str, Any] = {
        "address": "aws_ssm_document.port",
        "name": "Example-Database",
        "session_type": "Port",
        "properties": {"portNumber": "5432", "host": "database.example.internal", "type": "LocalPortForwarding"},
    }
    return preferences_document(**defaults | _no_inputs() | overrides)


def _no_inputs() -> dict[str, Any]:
    switches = ("s3_encryption_enabled", "cloudwatch_encryption_enabled", "cloudwatch_streaming_enabled")
    return {
        "s3_bucket": None,
        "s3_key_prefix": None,
        "cloudwatch_log_group": None,
        "kms_key": None,
        "run_as_enabled": known(False, defaulted=True),
        "run_as_default_user": None,
        "idle_session_timeout": known(20, defaulted=True),
        "max_session_duration": None,
        **{switch: known(False, defaulted=True) for switch in switches},
    }


def statement(**overrides: Any) -> Statement:
    """Return a statement that allows nothing yet: name its actions, resources and principals."""
    parts: dict[str, Any] = dict.fromkeys(field.name for field in fields(Statement)) | {"at": AT, "effect": "Allow"}
    parts |= overrides
    at = parts.pop("at")
    return Statement(at=at, **{name: lift(value) for name, value in parts.items()})


def tls_only_statement() -> Statement:
    return statement(
        sid="TlsOnly",
        effect="Deny",
        actions=["s3:*"],
        resources=["arn:aws:s3:::example-session-logs", "arn:aws:s3:::example-session-logs/*"],
        principals={"*": ["*"]},
        conditions={"Bool": {"aws:SecureTransport": ["false"]}},
    )


def root_statement() -> Statement:
    """Return the delegation of a key to its account's root."""
    return statement(
        sid="Root", actions=["kms:*"], resources=["*"], principals={"AWS": ["arn:aws:iam::111122223333:root"]}
    )


def logs_statement() -> Statement:
    """Let CloudWatch Logs use a key for the log groups of one Region."""
    return statement(
        sid="Logs",
        actions=["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
        resources=["*"],
        principals={"Service": ["logs.ap-southeast-2.amazonaws.com"]},
        conditions={
            "ArnLike": {
                "kms:EncryptionContext:aws:logs:arn": ["arn:aws:logs:ap-southeast-2:111122223333:log-group:/example/*"]
            }
        },
    )


def bucket(**overrides: Any) -> LogBucket:
    defaults = {
        "name": "example-session-logs",
        "encryption": "aws:kms",
        "kms_key": to(BUCKET_KEY),
        "block_public_acls": True,
        "block_public_policy": True,
        "ignore_public_acls": True,
        "restrict_public_buckets": True,
        "versioning": True,
        "object_lock_days": 365,
        "tls_only": True,
        "expiration_days": 400,
        "noncurrent_days": None,
        "acl_grants": [],
        "ownership": "BucketOwnerEnforced",
        "access_log_bucket": to("aws_s3_bucket.access", "id"),
        "statements": Inventory((tls_only_statement(),)),
        "used_by": [DOCUMENT],
    }
    made: LogBucket = fact(LogBucket, BUCKET, defaults, overrides)
    return made


def log_group(**overrides: Any) -> LogGroup:
    defaults = {
        "name": "/example/sessions",
        "kms_key": to(GROUP_KEY),
        "retention_days": 365,
        "log_class": "STANDARD",
        "statements": [],
        "used_by": [DOCUMENT],
    }
    made: LogGroup = fact(LogGroup, GROUP, defaults, overrides)
    return made


def key(**overrides: Any) -> Key:
    defaults = {
        "name": "11111111-2222-3333-4444-555555555555",
        "enabled": True,
        "rotation": True,
        "deletion_window_days": 30,
        "usage": known("ENCRYPT_DECRYPT", defaulted=True),
        "spec": known("SYMMETRIC_DEFAULT", defaulted=True),
        "aliases": Inventory(),
        "statements": Inventory((root_statement(),)),
        "used_by": [DOCUMENT],
    }
    made: Key = fact(Key, SESSION_KEY, defaults, overrides)
    return made


def group_key(**overrides: Any) -> Key:
    defaults: dict[str, Any] = {
        "address": GROUP_KEY,
        "name": "22222222-2222-3333-4444-555555555555",
        "statements": Inventory((root_statement(), logs_statement())),
        "used_by": [GROUP],
    }
    return key(**defaults | overrides)


def bucket_key(**overrides: Any) -> Key:
    defaults: dict[str, Any] = {
        "address": BUCKET_KEY,
        "name": "33333333-2222-3333-4444-555555555555",
        "used_by": [BUCKET],
    }
    return key(**defaults | overrides)


def account(**overrides: Any) -> Account:
    """Return a healthy account; inventories may be given as lists (no gap) or as Inventory."""
    defaults: dict[str, Any] = {
        "source": "terraform",
        "root": ".",
        "at": CodeOrigin(".", 0),
        "account": unknown("the account is not in the code", Why.OUT_OF_SCOPE),
        "region": "ap-southeast-2",
        "session_documents": [preferences_document()],
        "log_buckets": [bucket()],
        "log_groups": [log_group()],
        "keys": [key(), bucket_key(), group_key()],
    }
    plain = ("source", "root", "at", "gaps")
    lifted = lift_all(Account, {name: value for name, value in (defaults | overrides).items() if name not in plain})
    return Account(**defaults | overrides | lifted)


def _inventory(value: Any) -> Any:
    return Inventory(tuple(value)) if isinstance(value, list) else lift(value)


def sign(detail: str = "a policy allows ssm:StartSession") -> UsageSign:
    return UsageSign(detail, AT)


def file_gap(detail: str = "broken.tf could not be read") -> Gap:
    return Gap("file", Why.UNPARSEABLE, detail, AT)


def hidden(value: Value[Any]) -> Unknown:
    """Return what is left of a value that nobody may see."""
    return Unknown(Why.DENIED, value.at, "hidden by the test")
