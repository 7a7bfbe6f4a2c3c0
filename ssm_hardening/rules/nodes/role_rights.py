"""What nodes' roles may do to logs, and to other nodes: ROLE-04 and ROLE-06."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from ssm_hardening.access.node_roles import allows, grants, policy_of
from ssm_hardening.access.people import person_of
from ssm_hardening.access.raising import Raising
from ssm_hardening.core.logic import setting
from ssm_hardening.core.values import Known, Template, Text, Unknown, Value
from ssm_hardening.iam.decisions import Allowed, Denied, Undetermined, own_arn
from ssm_hardening.iam.powers import Holder, Use, powers_of
from ssm_hardening.iam.requests import joined
from ssm_hardening.model import Account, SessionDocument
from ssm_hardening.rules.kit.checks import Check, Problem, conclude, gaps
from ssm_hardening.rules.nodes.node_roles import node_roles
from ssm_hardening.rules.people.subjects import raised, strongest
from ssm_hardening.rules.registry import Context, rule
from ssm_hardening.verdicts.findings import Passed, Requirement, Severity, Verdict

if TYPE_CHECKING:
    # Loaded on demand: the pre-commit check, which reads code, never needs them.
    from ssm_hardening.model import Role

_ON_BUCKETS = (
    ("read logs", "s3:GetObject", "/any-object"),
    ("delete logs", "s3:DeleteObject", "/any-object"),
    ("change the bucket policy", "s3:PutBucketPolicy", ""),
    ("make logs expire", "s3:PutLifecycleConfiguration", ""),
)
_ON_GROUPS = (
    ("read logs", "logs:GetLogEvents"),
    ("delete logs", "logs:DeleteLogGroup"),
    ("delete logs", "logs:DeleteLogStream"),
    ("make logs expire", "logs:PutRetentionPolicy"),
)
_ON_KEYS = (
    ("make logs unreadable", "kms:ScheduleKeyDeletion"),
    ("make logs unreadable", "kms:DisableKey"),
)
_ANY_BUCKET, _ANY_GROUP = "any-bucket-at-all", "any-group-at-all"
_ANY_KEY = "key/01234567-89ab-cdef-0123-456789abcdef"


@rule(
    id="ROLE-04",
    title="Nodes cannot read, delete, or reconfigure logs",
    headline="Node role can do more than write logs",
    severity=Severity.MEDIUM,
    over=node_roles,
    requirement=Requirement.AUDITING,
    remedy="instance-role",
)
def leaves_logs_alone(role: "Role", context: Context) -> Verdict:
    """Anyone with root on a node has its role, and could use it to read all sessions or erase the logs of their own.

    A node only needs to write logs. The rule looks for permissions to read or delete logs, to make them expire or
    unreadable, or to reconfigure their store: on any bucket, log group, or key, and on those that session documents
    name. Deny statements and permissions boundaries are taken into account; service control policies are not read.

    Undecided when the permissions boundary or the place where sessions are recorded is unknown, or when a policy is and
    no other one grants the permissions.

    Reference: AWS Systems Manager User Guide, "Create a custom IAM role for Session Manager".
    """
    account = context.account
    checks = (*_buckets(role, account), *_groups(role, account), *_keys(role, account))
    passed = Passed(role.origin, "its policies let it do no more than write logs")
    return conclude(role.origin, checks, passed=passed, undecided="what it can do with logs is unknown")


def _buckets(role: "Role", account: Account) -> Iterator[Check]:
    names, gap = _named(account, lambda document: document.s3_bucket)
    for does, action, tail in _ON_BUCKETS:
        asked = [_arn_of_bucket(account, name, tail) for name in (_ANY_BUCKET, *names)]
        yield from _granted(role, account, (does, action), asked, gap)


def _arn_of_bucket(account: Account, name: Text, tail: str) -> Text:
    return own_arn("s3", _join(name, tail), account.account, account.region, regional=False, owned=False)


def _groups(role: "Role", account: Account) -> Iterator[Check]:
    names, gap = _named(account, lambda document: document.cloudwatch_log_group)
    for does, action in _ON_GROUPS:
        asked = [
            own_arn("logs", _join("log-group:", name, ":log-stream:any"), account.account, account.region)
            for name in (_ANY_GROUP, *names)
        ]
        yield from _granted(role, account, (does, action), asked, gap)


def _keys(role: "Role", account: Account) -> Iterator[Check]:
    for does, action in _ON_KEYS:
        probe = own_arn("kms", _ANY_KEY, account.account, account.region)
        decision = grants(account, role, action, probe)
        if isinstance(decision, Allowed):
            yield _problem(decision, does, action)
        elif isinstance(decision, Undetermined):
            yield decision.why


def _granted(
    role: "Role", account: Account, what: tuple[str, str], asked: list[Text], gap: Unknown | None
) -> Iterator[Check]:
    """Yield what is granted on any store, or on one in use; where those are not known, a grant on some is unknown."""
    does, action = what
    for resource in asked:
        match allows(account, role, action, resource, undeclared=resource is asked[0]):
            case Allowed() as allowed:
                yield _problem(allowed, does, action)
                return
            case Undetermined(why):
                yield why
            case Denied():
                continue
    if gap is not None and not isinstance(grants(account, role, action, asked[0]), Denied):
        yield gap


def _problem(granted: Allowed, does: str, action: str) -> Problem:
    return Problem(granted.by.at, f"{policy_of(granted.by)} lets it {does} ({action})", unless=granted.unless)


def _named(account: Account, of: Callable[[SessionDocument], Value[Text]]) -> tuple[list[Text], Unknown | None]:
    """Return the stores that session documents name, and why there may be more."""
    names: list[Text] = []
    gap = account.session_documents.gap
    for document in account.session_documents:
        value = setting(of(document))
        if isinstance(value, Known):
            names.append(value.value)
        gap = next(gaps(value), gap)
    return list(dict.fromkeys(names)), gap


def _join(*texts: Text) -> Text:
    return joined(*(part for text in texts for part in (text.parts if isinstance(text, Template) else (text,))))


@rule(
    id="ROLE-06",
    title="Nodes cannot start sessions or commands on other nodes",
    headline="Node role can act beyond its own node",
    severity=Severity.HIGH,
    over=node_roles,
    remedy="instance-role",
)
def leads_to_no_other_node(role: "Role", context: Context) -> Verdict:
    """Anyone with a shell on one node can use its role to move on to other nodes, outside their own permissions.

    The role of a node must not start sessions, run commands (including through associations, runbooks, and maintenance
    windows), open other shells, create or change documents, change service settings, or assume any role. A named role
    that it may assume is a gap if that role can do everything, or extend its own permissions. Passing roles to new
    nodes is part of ROLE-01. Deny statements and permissions boundaries are taken into account; service control
    policies are not read.

    Undecided when the permissions boundary or the result of a condition is unknown, when a policy is and no other
    grants the permissions, or when it is unknown what a role can do that it may assume.

    Reference: AWS Systems Manager User Guide, "Restrict access to root-level commands through SSM Agent".
    """
    moves = powers_of(Use.SESSIONS, Use.COMMANDS, Use.ROLES, Use.SHELLS, Use.DOCUMENTS, raises=Holder.NODES)
    ways = Raising(context.account, person_of(role), node=True).ways(moves)
    checks = strongest(ways, lambda way, told: raised(way, f"its policies let it {told}"))
    passed = Passed(role.origin, "its policies grant nothing on other nodes, documents, or roles")
    return conclude(role.origin, checks, passed=passed, undecided="whether it can act on other nodes is unknown")
