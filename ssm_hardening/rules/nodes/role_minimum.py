"""What nodes' roles must grant for sessions to open and be recorded: ROLE-03."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from ssm_hardening.access.credentials import displaces, use_of
from ssm_hardening.access.node_roles import grants
from ssm_hardening.access.reach import preferences_of
from ssm_hardening.access.recording import Right, bucket_rights, group_rights, key_right
from ssm_hardening.core.errors import listed
from ssm_hardening.core.logic import certainly, setting, text_of
from ssm_hardening.core.values import Absent, Inventory, Known, Text, Unknown, Value, Why
from ssm_hardening.iam.decisions import Decision, Denied, Undetermined, surely
from ssm_hardening.model import Account, Key, LogBucket, LogGroup, SessionDocument
from ssm_hardening.model.joins import Elsewhere, Found, Uncertain, join
from ssm_hardening.rules.kit.checks import Check, Problem, conclude, gaps
from ssm_hardening.rules.nodes.node_roles import whole_node_roles
from ssm_hardening.rules.registry import Context, rule
from ssm_hardening.verdicts.findings import Failed, NotApplicable, Passed, Requirement, Severity, Undecided, Verdict

if TYPE_CHECKING:
    # Loaded on demand: the pre-commit check, which reads code, never needs them.
    from ssm_hardening.model import Role

F = TypeVar("F", LogBucket, LogGroup, Key)

_ALWAYS = (
    "ssm:UpdateInstanceInformation",
    "ssmmessages:CreateControlChannel",
    "ssmmessages:CreateDataChannel",
    "ssmmessages:OpenControlChannel",
    "ssmmessages:OpenDataChannel",
)
_DISPLACES = "because it allows ssm:UpdateInstanceInformation, Default Host Management provides no role to its nodes"
_FOR_RECORDING = (
    "s3:PutObject",
    "s3:GetEncryptionConfiguration",
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "logs:DescribeLogGroups",
    "kms:Decrypt",
)


@rule(
    id="ROLE-03",
    title="Node roles have the permissions that sessions need",
    headline="Node role lacks required permissions",
    severity=Severity.HIGH,
    over=whole_node_roles,
    requirement=Requirement.AUDITING,
    also=(Requirement.SECURE_ACCESS,),
    remedy="instance-role",
)
def grants_what_sessions_need(role: "Role", context: Context) -> Verdict:
    """If a permission that the preferences rely on is missing, sessions fail, or they open but are never recorded.

    Every node needs the heartbeat (ssm:UpdateInstanceInformation) and the four channel actions. A log bucket requires
    s3:PutObject under the prefix, s3:GetEncryptionConfiguration, and kms:GenerateDataKey on its key; a log group
    requires CreateLogStream, PutLogEvents, DescribeLogStreams, and DescribeLogGroups; a session key requires
    kms:Decrypt. AmazonSSMManagedInstanceCore grants nothing for these three. Permissions that the bucket policy or key
    policy grants are taken into account.

    The agent uses the role of the instance profile if that allows ssm:UpdateInstanceInformation. Otherwise, it uses the
    role that Default Host Management provides in the Region, which then needs all of these permissions. The rule is not
    applicable to a role that no agent uses.

    Undecided when a policy, the permissions boundary, the preferences, or something they name is unknown. Also
    undecided when it is unknown whether agents use the role: if it grants nothing that sessions need, and code does not
    set Default Host Management.

    Reference: AWS Systems Manager User Guide, "Create a custom IAM role for Session Manager" and "Managing EC2
    instances automatically with Default Host Management Configuration".
    """
    account = context.account
    use = use_of(role, account)
    match use.answer:
        case Unknown() as gap:
            return Undecided(role.origin, gap, "whether the agents of nodes use it is unknown")
        case Known(used):
            return _judged(role, account) if used else NotApplicable(role.origin, use.why_not)


def _judged(role: "Role", account: Account) -> Verdict:
    checks = [check for action in _ALWAYS for check in _lacking(grants(account, role, action, "*"), action, role)]
    checks += _for_features(role, account)
    passed = Passed(role.origin, f"its policies grant what sessions and their logs need{_later(role, account)}")
    verdict = conclude(
        role.origin, checks, passed=passed, undecided="whether it has the permissions that sessions need is unknown"
    )
    if isinstance(verdict, Failed) and displaces(role, account):
        return replace(verdict, message=f"{verdict.message}; {_DISPLACES}")
    return verdict


def _later(role: "Role", account: Account) -> str:
    """Say what recording would need beside that, where nothing is recorded yet: the preferences must wait for it."""
    document = preferences_of(account)
    if not isinstance(document, Absent):
        return ""
    lacks = [action for action in _FOR_RECORDING if isinstance(grants(account, role, action, "*"), Denied)]
    return f"; to record sessions, it also needs {listed(lacks, 'and')}" if lacks else ""


def _lacking(decision: Decision, action: str, role: "Role", what: str = "") -> Iterator[Check]:
    match surely(decision):
        case Denied(by):
            place = role.origin if by is None else by.at
            because = "no policy grants" if by is None else "a Deny statement denies"
            yield Problem(place, f"{because} {action}{what}")
        case Undetermined(why):
            yield why
        case _:
            return


def _for_features(role: "Role", account: Account) -> Iterator[Check]:
    document = preferences_of(account)
    if isinstance(document, Unknown):
        yield document
    elif not isinstance(document, Absent):
        yield from _bucket(role, account, document)
        yield from _group(role, account, document)
        yield from _session_key(role, account, document)


def _bucket(role: "Role", account: Account, document: SessionDocument) -> Iterator[Check]:
    found = _joined(document.s3_bucket, account.log_buckets, "bucket")
    if isinstance(found, LogBucket):
        yield from _rights(role, bucket_rights(account, role, found, setting(document.s3_key_prefix)))
        yield from _bucket_key(role, account, found)
    elif found is not None:
        yield found


def _rights(role: "Role", needed: Iterable[Right]) -> Iterator[Check]:
    for each in needed:
        yield from _lacking(each.decision, each.action, role, each.where)


def _bucket_key(role: "Role", account: Account, bucket: LogBucket) -> Iterator[Check]:
    encryption = text_of(bucket.encryption)
    yield from gaps(encryption)
    if certainly(encryption, lambda text: text.startswith("aws:kms")):
        yield from _key(role, account, bucket.kms_key, ("kms:GenerateDataKey", " on the key of the bucket"))


def _key(role: "Role", account: Account, name: Value[Text], need: tuple[str, str]) -> Iterator[Check]:
    found = _joined(name, account.keys, "key")
    action, what = need
    if isinstance(found, Key):
        yield from _rights(role, (key_right(account, role, found, action, what),))
    elif found is not None:
        yield found


def _group(role: "Role", account: Account, document: SessionDocument) -> Iterator[Check]:
    found = _joined(document.cloudwatch_log_group, account.log_groups, "log group")
    if isinstance(found, LogGroup):
        yield from _rights(role, group_rights(account, role, found))
    elif found is not None:
        yield found


def _session_key(role: "Role", account: Account, document: SessionDocument) -> Iterator[Check]:
    yield from _key(role, account, document.kms_key, ("kms:Decrypt", " on the session key"))


def _joined(named: Value[Text], inventory: Inventory[F], what: str) -> F | Unknown | None:
    name = setting(named)
    if isinstance(name, Absent):
        return None
    match join(name, inventory):
        case Found(fact):
            return fact
        case Uncertain(gap):
            return gap
        case Elsewhere(read):
            return Unknown(Why.OUT_OF_SCOPE, name.at, f"the {what} {read} was not read")
