"""Documents as a plan leaves them, and what the rights on their stores come to.

All that a role has or is about to be given counts, against what the facts show to take it away.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from ssm_hardening.access.node_roles import allows
from ssm_hardening.access.people import person_of
from ssm_hardening.access.recording import Right, group_rights
from ssm_hardening.access.requests import of_node
from ssm_hardening.access.stores import certain, may_on_bucket, may_on_key, on_agents_key, on_bucket, on_upload
from ssm_hardening.core.logic import certainly
from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Absent, Inventory, Items, Known, Text, Unknown, Value
from ssm_hardening.iam.decisions import Allowed, Decision, Denied, Request, own_arn, surely
from ssm_hardening.iam.requests import partition_of
from ssm_hardening.iam.statements import Statement
from ssm_hardening.model import LIVE, Account, Key, LogBucket, Role, SessionDocument
from ssm_hardening.model.joins import Found, join
from ssm_hardening.remediation.adoption.objects import Adopted
from ssm_hardening.remediation.changes import Plain, known_text
from ssm_hardening.remediation.plan import FromExpression, FromVariable, ModuleCall, ModuleInput
from ssm_hardening.remediation.rights.destinations import Contents, Destinations, Reader
from ssm_hardening.remediation.withholding import CHANNEL, LOGS, S3, SWITCHES, Switch


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedDocument:
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


def of_code(document: SessionDocument, written: Contents, reader: Reader) -> PlannedDocument:
    """Return a document of the code with what is written into it."""
    now = {S3.key: document.s3_encryption_enabled, LOGS.key: document.cloudwatch_encryption_enabled}
    on = {}
    for switch in SWITCHES:
        flag = now.get(switch.key)
        if switch.key in written and written[switch.key] != Plain(False) and not _is_on(flag):
            on[switch.key] = switch.key
        elif switch.store in written and flag is not None and not _is_off(flag):
            on[switch.key] = switch.store
    return PlannedDocument(
        address=document.address,
        at=document.origin,
        used=reader.of_document(document, written),
        on=on,
        prefix=document.s3_key_prefix,
        bucket=Absent(document.origin) if S3.store in written else document.s3_bucket,
        group=Absent(document.origin) if LOGS.store in written else document.cloudwatch_log_group,
    )


def of_call(call: ModuleCall, adopted: Adopted | None, reader: Reader) -> PlannedDocument:
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
    return PlannedDocument(
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
    return certainly(flag, lambda on: not on, absent=True)


_NEW_BUCKET = "new-session-logs-0123456789abcdef"
_NEW_KEY = "key/01234567-89ab-cdef-0123-456789abcdef"
"""A bucket and a key that no policy of today names."""

_ACTIONS = {
    S3.key: ("s3:PutObject", "s3:GetEncryptionConfiguration", "kms:GenerateDataKey", "kms:Decrypt"),
    LOGS.key: (
        "logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams", "logs:DescribeLogGroups",
    ),
    CHANNEL.key: ("kms:Decrypt",),
}  # fmt: skip


def granted(role: Role, switch: Switch) -> Role:
    """Return the role as it is once it is given what the switch asks for."""
    more = _allow(_ACTIONS[switch.key], role.origin)
    return replace(role, statements=Inventory((*role.statements, more), role.statements.gap))


def detaches(role: Role, account: Account) -> bool:
    """Say whether the role's own code detaches, or may detach, what is attached beside the policies that it lists."""
    if isinstance(role.exclusive, Unknown):
        return account.source != LIVE
    return certainly(role.exclusive, bool)


def surely_may(account: Account, role: Role, switch: Switch, document: PlannedDocument) -> bool:
    """Say whether the role has everything that the switch asks for on what the document uses, and nothing denies it."""
    rights = tuple(_rights(account, role, switch, document))
    return bool(rights) and all(isinstance(surely(each.decision), Allowed) for each in rights)


def why_lost(account: Account, role: Role, switch: Switch, document: PlannedDocument) -> str:
    """Return what would take the rights of a switch away again; empty where nothing does."""
    if detaches(role, account):
        return _listed(role)
    found = refusal(account, role, switch, document)
    return found and f"for {role.address} {found}"


def refusal(account: Account, role: Role, switch: Switch, document: PlannedDocument) -> str:
    """Return what the role would still lack once it is given what the switch asks for; empty where that is nothing."""
    given = granted(role, switch)
    for right in _rights(account, given, switch, document):
        match surely(right.decision):
            case Allowed():
                continue
            case Denied(by, message):
                return f"{right.action} stays denied: {message}{'' if by is None else f' ({by.at})'}"
            case undetermined:
                return f"it is unknown whether {right.action} would be allowed: {undetermined.why.detail}"
    return ""


@dataclass(frozen=True, slots=True)
class Lost:
    """What takes rights away from a role that it is given: why, and whether nothing is left of them."""

    why: str = ""
    entirely: bool = False


def lost(account: Account, role: Role, used: Destinations) -> Lost:
    """Return what takes away rights on what is used, as far as the facts show it."""
    if detaches(role, account):
        return Lost(_listed(role), entirely=True)
    given = used.inputs()
    found = [
        refusal(account, role, switch, document)
        for switch in SWITCHES
        if switch.needs[0] in given
        for document in _recording(account, used)
    ]
    why = next(filter(None, found), "")
    return Lost(f"for {role.address} {why}" if why else "", entirely=bool(found) and all(found))


def _recording(account: Account, used: Destinations) -> Iterator[PlannedDocument]:
    """Yield where documents record today; where there is none, only what is new."""
    at, none = account.at, Absent(account.at)
    for each in account.session_documents:
        stores = {"prefix": each.s3_key_prefix, "bucket": each.s3_bucket, "group": each.cloudwatch_log_group}
        yield PlannedDocument(address=each.address, at=each.origin, used=used, on={}, **stores)
    if not account.session_documents.items:
        yield PlannedDocument(address="", at=at, used=used, on={}, prefix=none, bucket=none, group=none)


def _listed(role: Role) -> str:
    return f"the code of {role.address} lists all its policies, so each apply detaches any other policy"


def _allow(actions: Iterable[str], at: Origin) -> Statement:
    nothing = Absent(at)
    return Statement(
        at=at,
        sid=nothing,
        effect=Known("Allow", at),
        actions=Known(Items(tuple(Known(each, at) for each in actions)), at),
        not_actions=nothing,
        resources=Known(Items((Known("*", at),)), at),
        not_resources=nothing,
        principals=nothing,
        not_principals=nothing,
        conditions=nothing,
    )


def _rights(account: Account, role: Role, switch: Switch, document: PlannedDocument) -> Iterator[Right]:
    if switch is S3:
        yield from _of_bucket(account, role, document)
    elif switch is LOGS:
        yield from _of_group(account, role, document)
    else:
        yield _of_key(account, role, "kms:Decrypt", document.used.session_key)


def _of_bucket(account: Account, role: Role, document: PlannedDocument) -> Iterator[Right]:
    made = document.used.bucket_key
    if isinstance(made, FromExpression | FromVariable):
        yield _of_key(account, role, "kms:GenerateDataKey", made)
    joined = None if isinstance(document.bucket, Absent) else join(document.bucket, account.log_buckets)
    if not isinstance(joined, Found):
        name = known_text(document.bucket) or _NEW_BUCKET
        arn = f"arn:{partition_of(account.region)}:s3:::{name}"
        yield _asked(account, role, "s3:GetEncryptionConfiguration", arn)
        yield _asked(account, role, "s3:PutObject", f"{arn}/any/session.log")
        return
    bucket, look, put = joined.fact, "s3:GetEncryptionConfiguration", "s3:PutObject"
    yield Right(look, "", _on_bucket(account, role, on_bucket(account, role, look, bucket), bucket))
    yield Right(put, "", _on_bucket(account, role, on_upload(account, role, bucket, document.prefix), bucket))
    yield from _of_bucket_key(account, role, bucket)


def _on_bucket(account: Account, role: Role, asked: Iterable[Request], bucket: LogBucket) -> Decision:
    """Return what all policies say, the bucket's own among them; a Deny of either name that a bucket has counts."""
    found = tuple(may_on_bucket(person_of(role, account), (of_node(each),), bucket) for each in asked)
    return next((each for each in found if isinstance(each, Denied) and each.by is not None), None) or certain(found)


def _of_bucket_key(account: Account, role: Role, bucket: LogBucket) -> Iterator[Right]:
    if isinstance(bucket.encryption, Known) and not (known_text(bucket.encryption) or "aws:kms").startswith("aws:kms"):
        return
    joined = None if isinstance(bucket.kms_key, Absent) else join(bucket.kms_key, account.keys)
    if isinstance(joined, Found):
        yield _on_key(account, role, "kms:GenerateDataKey", joined.fact)
    elif joined is not None:
        yield _of_key(account, role, "kms:GenerateDataKey", None)


def _of_key(account: Account, role: Role, action: str, named: ModuleInput) -> Right:
    """Return a right on a key that is named by its ARN; on a new one where it is not."""
    key = next((each for each in account.keys if each.address == named), None)
    if key is not None:
        return _on_key(account, role, action, key)
    arn = named if isinstance(named, str) else own_arn("kms", _NEW_KEY, account.account, account.region)
    return _asked(account, role, action, arn)


def _on_key(account: Account, role: Role, action: str, key: Key) -> Right:
    asked = tuple(of_node(each) for each in on_agents_key(account, role, action, key))
    return Right(action, "", may_on_key(person_of(role, account), asked, key))


def _of_group(account: Account, role: Role, document: PlannedDocument) -> Iterator[Right]:
    joined = None if isinstance(document.group, Absent) else join(document.group, account.log_groups)
    if isinstance(joined, Found):
        yield from group_rights(account, role, joined.fact)
        return
    for action, what in (("DescribeLogGroups", "*"), ("CreateLogStream", "any:log-stream:any")):
        arn = own_arn("logs", f"log-group:{what}", account.account, account.region)
        yield _asked(account, role, f"logs:{action}", arn)


def _asked(account: Account, role: Role, action: str, resource: Text) -> Right:
    return Right(action, "", allows(account, role, action, resource))
