"""What nodes' roles may read, do to logs, and do to other nodes: ROLE-02, ROLE-04, and ROLE-06."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from ssm_hardening.access.answers import together
from ssm_hardening.access.node_roles import actions_of, allows, grants, policy_of
from ssm_hardening.access.people import person_of
from ssm_hardening.access.raising import Raising
from ssm_hardening.access.readers import directly
from ssm_hardening.access.requests import may, of_node, request
from ssm_hardening.access.stores import may_on_key, on_key
from ssm_hardening.core.errors import counted, listed
from ssm_hardening.core.logic import is_no, setting
from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Known, Template, Text, Unknown, Value
from ssm_hardening.iam.decisions import Allowed, Decision, Denied, Undetermined
from ssm_hardening.iam.powers import Holder, Need, Power, Use, actions_of_use, arbitrary, least, powers_of
from ssm_hardening.iam.requests import joined
from ssm_hardening.model import Account, Key, SessionDocument
from ssm_hardening.model.facts import exists
from ssm_hardening.rules.kit.checks import Check, Problem, conclude, gaps, too_much
from ssm_hardening.rules.kit.sources import told
from ssm_hardening.rules.nodes.node_roles import CORE, node_roles
from ssm_hardening.rules.people.subjects import raised, strongest
from ssm_hardening.rules.registry import Context, rule
from ssm_hardening.verdicts.findings import Passed, Requirement, Severity, Verdict

if TYPE_CHECKING:
    # Loaded on demand: the pre-commit check, which reads code, never needs them.
    from ssm_hardening.iam.statements import Statement
    from ssm_hardening.model import Role

_MOST = 3
_SESSION_MINIMUM = frozenset({
    "ssm:UpdateInstanceInformation", "ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel",
    "ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel",
})  # fmt: skip


@rule(
    id="ROLE-02",
    title="Nodes cannot read every parameter or secret",
    headline="Node role can read every parameter",
    severity=Severity.MEDIUM,
    over=node_roles,
    remedy="instance-role",
)
def reads_not_every_parameter(role: "Role", context: Context) -> Verdict:
    """Anyone with a shell on a node can read what its role can: AmazonSSMManagedInstanceCore grants all parameters.

    Parameters and secrets contain passwords and tokens, which sessions do not need. The rule looks for all actions that
    return their values: ssm:GetParameter, GetParameters, GetParametersByPath, and GetParameterHistory, and
    secretsmanager:GetSecretValue and BatchGetSecretValue. Permissions on the parameters below a path, or on a named
    secret, pass. A policy with only the permissions that sessions need, or AmazonSSMManagedEC2InstanceDefaultPolicy,
    grants none of them. The rule passes if the permissions are denied, or if the standard lists the policy in
    `accepted_node_policies`.

    Undecided when the permissions boundary is unknown, or when a policy is and no other one grants the permissions.

    Reference: AWS managed policy AmazonSSMManagedInstanceCore; AWS Systems Manager User Guide, "AWS managed policies";
    AWS Secrets Manager API Reference, "BatchGetSecretValue".
    """
    powers = least(powers_of(Use.READ_PARAMETERS, raises=Holder.NODES))
    found = [(power, _on_any(power, role, context.account)) for power in powers]
    accepted = context.thresholds.accepted_node_policies
    reads = [(power, decision) for power, decision in found if isinstance(decision, Allowed)]
    fit = [decision for _, decision in reads if policy_of(decision.by) in accepted]
    worse = [(power, decision) for power, decision in reads if policy_of(decision.by) not in accepted]
    gaps_left = [each.why for _, each in found if isinstance(each, Undetermined)]
    # Whatever else may grant it was not read where only an unread policy could deny what an accepted one grants.
    gaps_left += [each.unless for each in fit if each.unless is not None]
    passed = Passed(role.origin, "its policies do not let it read every parameter or secret")
    if fit:
        name = policy_of(fit[0].by)
        passed = Passed(fit[0].by.at, f"{name} lets it read every parameter, which the standard accepts")
    checks = (*_reading(role, worse), *gaps_left)
    return conclude(
        role.origin, checks, passed=passed, undecided="whether it can read every parameter or secret is unknown"
    )


def _on_any(power: Power, role: "Role", account: Account) -> Decision:
    """Return whether a power is granted on objects that nobody named."""
    resources = ((need.action, arbitrary(need.on, account.account, account.region)) for need in power.needs)
    return together(allows(account, role, action, resource, undeclared=True) for action, resource in resources)


def _reading(role: "Role", found: "list[tuple[Power, Allowed]]") -> Iterator[Check]:
    """Yield a problem for each policy and each of what it lets the node read."""
    said: dict[tuple[str, str], list[tuple[Power, Allowed]]] = {}
    for power, decision in found:
        said.setdefault((policy_of(decision.by), power.needs[0].on), []).append((power, decision))
    mentioned: set[str] = set()
    for (name, what), same in said.items():
        first = same[0][1]
        actions = ", ".join(action for power, _ in same for action in power.actions)
        more = "" if name in mentioned else _more(role, first.by)
        mentioned.add(name)
        headline = "" if what == "parameter" else f"Node role can read every {what}"
        text = f"{name} lets it read every {what} ({actions}){more}"
        yield too_much(first, text, headline=headline)


def _more(role: "Role", by: "Statement") -> str:
    """Return what else the policy grants that sessions do not need."""
    name = policy_of(by)
    statements = [each for each in role.statements if policy_of(each) == name] if name == CORE else [by]
    beyond = sorted({each for statement in statements for each in actions_of(statement)} - _SESSION_MINIMUM)
    reading = set(actions_of_use(Use.READ_PARAMETERS))
    others = [each for each in beyond if each not in reading and not each.startswith("ssm:GetParameter")]
    if not others:
        return ""
    shown = ", ".join(others[:_MOST]) + (", …" if len(others) > _MOST else "")
    return f", and grants {counted(len(others), 'more action')} that sessions do not need: {shown}"


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

    A node only needs to write logs. The rule looks for permissions to read, query, export, or forward logs, to delete
    or mask them, to make them expire or unreadable, and to reconfigure their store or hand on its key: on any bucket,
    log group, or key, and on those that session documents name. `ssm-harden rules --powers` lists all of them. Deny
    statements, permissions boundaries, and control policies that were read are taken into account.

    Undecided when the permissions boundary or the place where sessions are recorded is unknown, or when a policy is and
    no other one grants the permissions.

    Reference: AWS Systems Manager User Guide, "Create a custom IAM role for Session Manager"; Service Authorization
    Reference, Amazon S3, Amazon CloudWatch Logs, and AWS KMS.
    """
    account = context.account
    stores = (_buckets(role, account), _groups(role, account), _keys(role, account))
    powers = least(powers_of(Use.READ_RECORDINGS, Use.ERASE_RECORDINGS, Use.CHANGE_KEYS, raises=Holder.NODES))
    found = [each for power in powers for each in _on_stores(role, account, power, stores)]
    checks: list[Check] = [*_by_statement(each for each in found if not isinstance(each, Unknown)), *gaps(*found)]
    passed = Passed(role.origin, "its policies let it do no more than write logs")
    return conclude(role.origin, checks, passed=passed, undecided="what it can do with logs is unknown")


@dataclass(frozen=True, slots=True)
class _Stores:
    """Stores of one kind, any at all among them: `ask` says what is granted on each; `gap` why there may be more."""

    kinds: frozenset[str]
    ask: tuple[Callable[[Need], Decision], ...]
    gap: Unknown | None


_Found: TypeAlias = tuple[Power, Allowed]


def _on_stores(role: "Role", account: Account, power: Power, stores: tuple[_Stores, ...]) -> Iterator[_Found | Unknown]:
    """Yield what is granted on any store, or on one in use; where those are not known, a grant on some is unknown."""
    mine = next((each for each in stores if each.kinds & {need.on for need in power.needs}), None)
    asks = (partial(_on_arbitrary, role, account),) if mine is None else mine.ask
    for ask in asks:
        match together(map(ask, power.needs)):
            case Allowed() as allowed:
                yield power, allowed
                return
            case Undetermined(why):
                yield why
            case Denied():
                continue
    if mine is not None and mine.gap is not None and _is_granted_somewhere(role, account, power):
        yield mine.gap


def _is_granted_somewhere(role: "Role", account: Account, power: Power) -> bool:
    probes = ((need.action, arbitrary(need.on, account.account, account.region)) for need in power.needs)
    return not any(isinstance(grants(account, role, action, probe), Denied) for action, probe in probes)


def _on_arbitrary(role: "Role", account: Account, need: Need) -> Decision:
    resource = arbitrary(need.on, account.account, account.region)
    return allows(account, role, need.action, resource, undeclared=True)


def _buckets(role: "Role", account: Account) -> _Stores:
    return _stores(role, account, lambda document: document.s3_bucket, {"object": "/any-object", "bucket": ""})


def _groups(role: "Role", account: Account) -> _Stores:
    ends = {"log-stream": ":log-stream:any", "log-group": ":log-stream:"}
    return _stores(role, account, lambda document: document.cloudwatch_log_group, ends, start="log-group:")


def _stores(
    role: "Role",
    account: Account,
    of: Callable[[SessionDocument], Value[Text]],
    ends: Mapping[str, str],
    start: str = "",
) -> _Stores:
    """Return any store of a kind, and those that session documents name; `ends` are those of ARNs of each kind."""
    names, gap = _named(account, of)

    def on_named(name: Text, need: Need) -> Decision:
        tail = _join(start, name, ends[need.on]) if need.on in ends else None
        resource = arbitrary(need.on, account.account, account.region, tail)
        return allows(account, role, need.action, resource, undeclared=tail is None)

    asks = (partial(_on_arbitrary, role, account), *(partial(on_named, name) for name in names))
    return _Stores(frozenset(ends), asks, gap)


def _keys(role: "Role", account: Account) -> _Stores:
    """Return any key, and those that sessions or their recordings use, with what the key policies say."""
    found = told(account, account.keys)
    person = person_of(role, account)

    def on_any(need: Need) -> Decision:
        resource = arbitrary(need.on, account.account, account.region)
        return may(person, of_node(directly(request(account, role, need.action, resource, undeclared=True))))

    def on_known(key: Key, need: Need) -> Decision:
        asked = (of_node(directly(each)) for each in on_key(account, role, need.action, key))
        return may_on_key(person, asked, key)

    known = (partial(on_known, key) for key in found if not is_no(exists(key)))
    return _Stores(frozenset({"key"}), (on_any, *known), found.gap)


def _by_statement(found: Iterable[_Found]) -> Iterator[Problem]:
    """Yield one problem for all that a statement grants; the strongest of it is said in words."""
    said: dict[Origin, list[_Found]] = {}
    for power, decision in found:
        said.setdefault(decision.by.at, []).append((power, decision))
    for at, same in said.items():
        first = same[0][1]
        shown = [f"{power.title} ({', '.join(power.actions)})" for power, _ in same[:_MOST]]
        rest = len(same) - len(shown)
        told = listed([*shown, counted(rest, "more permission")] if rest else shown, "and")
        yield too_much(first, f"{policy_of(first.by)} lets it {told}", at=at)


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
    nodes is part of ROLE-01. Deny statements, permissions boundaries, and control policies that were
    read are taken into account.

    Undecided when the permissions boundary or the result of a condition is unknown, when a policy is and no other
    grants the permissions, or when it is unknown what a role can do that it may assume.

    Reference: AWS Systems Manager User Guide, "Restrict access to root-level commands through SSM Agent".
    """
    moves = powers_of(Use.SESSIONS, Use.COMMANDS, Use.ROLES, Use.SHELLS, Use.DOCUMENTS, raises=Holder.NODES)
    ways = Raising(context.account, person_of(role, context.account), node=True).ways(moves)
    checks = strongest(ways, lambda way, told: raised(way, f"its policies let it {told}"))
    passed = Passed(role.origin, "its policies grant nothing on other nodes, documents, or roles")
    return conclude(role.origin, checks, passed=passed, undecided="whether it can act on other nodes is unknown")
