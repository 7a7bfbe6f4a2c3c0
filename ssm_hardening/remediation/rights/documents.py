"""Documents as a plan leaves them: what they name, and for what they refuse sessions from then on."""

from collections.abc import Mapping
from dataclasses import dataclass

from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Absent, Known, Text, Unknown, Value
from ssm_hardening.model import SessionDocument
from ssm_hardening.remediation.adoption.result import Adopted
from ssm_hardening.remediation.changes import Plain
from ssm_hardening.remediation.plan import ModuleCall
from ssm_hardening.remediation.rights.destinations import Contents, Destinations, Reader
from ssm_hardening.remediation.withholding import CHANNEL, LOGS, S3, SWITCHES, Switch


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A document as the plan leaves it: what it names, and the keys that it refuses sessions for from then on.

    `bucket` and `group` name stores that exist already; `on` maps switches to the key that the plan writes for each.
    """

    address: str
    at: Origin
    used: Destinations
    on: Mapping[str, str]
    prefix: Value[Text]
    bucket: Value[Text]
    group: Value[Text]


def of_code(document: SessionDocument, written: Contents, reader: Reader) -> Document:
    """Return a document of the code with what is written into it."""
    now = {S3.key: document.s3_encryption_enabled, LOGS.key: document.cloudwatch_encryption_enabled}
    on = {}
    for switch in SWITCHES:
        flag = now.get(switch.key)
        if switch.key in written and written[switch.key] != Plain(False) and not _is_on(flag):
            on[switch.key] = switch.key
        elif switch.store in written and flag is not None and not _is_off(flag):
            on[switch.key] = switch.store
    return Document(
        address=document.address,
        at=document.origin,
        used=reader.of_document(document, written),
        on=on,
        prefix=document.s3_key_prefix,
        bucket=Absent(document.origin) if S3.store in written else document.s3_bucket,
        group=Absent(document.origin) if LOGS.store in written else document.cloudwatch_log_group,
    )


def of_call(call: ModuleCall, adopted: Adopted | None, reader: Reader) -> Document:
    """Return a document that a call makes or takes over; what it refuses sessions for today is no change."""
    fact = None if adopted is None or not isinstance(adopted.fact, SessionDocument) else adopted.fact
    at = reader.account.at if fact is None else fact.origin
    stores = {S3.key: "s3_bucket_name", LOGS.key: "log_group_name", CHANNEL.key: "kms_key_arn"}
    on = {
        switch.key: switch.key
        for switch in SWITCHES
        if call.inputs.get(stores[switch.key]) is not None
        and call.inputs.get(switch.argument, True) not in (False, None)
        and (fact is None or not _refuses(fact, switch))
    }
    return Document(
        address=f"module.{call.label}.aws_ssm_document.this" if fact is None else fact.address,
        at=at,
        used=reader.of_call(call),
        on=on,
        prefix=Absent(at) if fact is None else fact.s3_key_prefix,
        bucket=_given(call, "s3_bucket_name", at) if fact is None else fact.s3_bucket,
        group=_given(call, "log_group_name", at) if fact is None else fact.cloudwatch_log_group,
    )


def _refuses(document: SessionDocument, switch: Switch) -> bool:
    """Say whether the document refuses sessions already where the rights of this switch are missing."""
    if switch is CHANNEL:
        return isinstance(document.kms_key, Known) and document.kms_key.value != ""
    flag, store = {
        S3.key: (document.s3_encryption_enabled, document.s3_bucket),
        LOGS.key: (document.cloudwatch_encryption_enabled, document.cloudwatch_log_group),
    }[switch.key]
    return isinstance(flag, Known) and flag.value and isinstance(store, Known) and store.value != ""


def _given(call: ModuleCall, name: str, at: Origin) -> Value[Text]:
    given = call.inputs.get(name)
    return Known(given, at) if isinstance(given, str) else Absent(at)


def _is_on(flag: Value[bool] | None) -> bool:
    """Say whether it is on already: the agent takes the text "true" of these switches as well."""
    return isinstance(flag, Known) and flag.value


def _is_off(flag: Value[bool]) -> bool:
    match flag:
        case Known(on):
            return not on
        case Absent():
            return True
        case Unknown():
            return False
