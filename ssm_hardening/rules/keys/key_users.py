"""Who gets at the keys of sessions and recordings, past their policies and by their rights: KMS-06 and KMS-07."""

from collections.abc import Iterator
from typing import Any

from ssm_hardening.access.people import Person, person_of
from ssm_hardening.access.readers import key_changers
from ssm_hardening.access.stores import may_on_key, on_key
from ssm_hardening.core.logic import each, is_no, is_yes, known_or, mapped
from ssm_hardening.core.values import Items, Known, Unknown, Why
from ssm_hardening.iam.decisions import Allowed, Decision, Denied, Undetermined
from ssm_hardening.iam.texts import glob, members
from ssm_hardening.model import Account, Key, KeyGrant, Role
from ssm_hardening.model.facts import exists
from ssm_hardening.rules.kit.checks import Check, Problem, conclude, gaps, wrong
from ssm_hardening.rules.kit.sources import told, with_told_people
from ssm_hardening.rules.kit.subjects import keys
from ssm_hardening.rules.nodes.node_roles import is_of_nodes
from ssm_hardening.rules.people.operators import JudgedPerson, administrator, operators
from ssm_hardening.rules.registry import Context, rule
from ssm_hardening.rules.stores.readers import few, judged
from ssm_hardening.verdicts.findings import Passed, Requirement, Severity, Verdict

_READS = frozenset({"Decrypt", "ReEncryptFrom", "CreateGrant"})
_IMPORTED = "its key material is imported: it can be deleted at once"
_SERVICES = ("*.amazonaws.com", "*.amazonaws.com.cn", "arn:*:iam::*:role/aws-service-role/*")


@rule(
    id="KMS-06",
    title="No side access to the keys of sessions and their logs",
    severity=Severity.HIGH,
    over=keys,
    also=(Requirement.ACCESS_CONTROL,),
    may=(Severity.MEDIUM,),
    manual="a grant that is retired, or a right that is taken, may cut off what uses it",
)
def has_no_side_access(key: Key, context: Context) -> Verdict:
    """A grant gives the use of a key without a line in any policy; who may change the key policy may take all.

    A grant that lets somebody decrypt, or grant further, fails unless recording_readers names the grantee (a pattern of
    its ARN); grants to AWS's services and their service-linked roles pass. So do at most recording_readers_max (strict
    3, baseline 5) holders of kms:CreateGrant, kms:PutKeyPolicy or kms:UpdateAlias, those of other accounts among them,
    beside those that recording_readers names; a right to make grants for AWS's services only does not count. Imported
    key material, which can be deleted at once and then takes every recording with it, is a medium finding.

    It cannot tell where grants, the key policy or a policy that may grant these rights are not known, or where the key
    policy admits more than can be counted: an organization, another account as a whole. Code never passes: it does not
    hold all of an account's roles, and grants are made outside it.

    Reference: AWS Key Management Service Developer Guide, "Grants in AWS KMS" and "Importing key material".
    """
    account, accepted = with_told_people(context.account), context.thresholds.recording_readers
    checks = [
        *_grants(key, context.account, accepted),
        *few(key_changers(key, account, accepted), "hand the key on", key.origin, context),
        *wrong(key.material, lambda origin: _IMPORTED if origin == "EXTERNAL" else "", severity=Severity.MEDIUM),
    ]
    return judged(key, checks, context, "no grant lets anybody decrypt, and few may hand the key on")


def _grants(key: Key, account: Account, accepted: tuple[str, ...]) -> Iterator[Check]:
    grants = told(account, key.grants)
    for grant in grants:
        yield from _grant(grant, accepted)
    yield from gaps(grants.gap)


def _grant(grant: KeyGrant, accepted: tuple[str, ...]) -> Iterator[Check]:
    operations = [_operation(each) for each in members(grant.operations)]
    reads = [each for each in operations if isinstance(each, Unknown) or each.value in _READS]
    if not reads:
        return
    known = [str(each.value) for each in reads if isinstance(each, Known)]
    yield from gaps(grant.grantee)
    if isinstance(grant.grantee, Known):
        grantee = str(grant.grantee.value)
        if not any(glob(pattern, grantee) for pattern in (*_SERVICES, *accepted)):
            if known:
                yield Problem(grant.grantee.at, f"a grant lets {grantee} {', '.join(known)}")
            yield from gaps(*reads)


def _operation(each: Known[Any] | Unknown) -> Known[str] | Unknown:
    if isinstance(each, Unknown) or isinstance(each.value, str):
        return each
    return Unknown(Why.UNPARSEABLE, each.at, "an operation of a grant that is no plain text")


@rule(
    id="KMS-07",
    title="Those in a session get at its key, and not at the recordings",
    severity=Severity.HIGH,
    over=keys,
    also=(Requirement.ACCESS_CONTROL,),
    manual="a key's policy and those of roles are merged by who knows what else they are for",
)
def serves_sessions_without_their_recordings(key: Key, context: Context) -> Verdict:
    """Without the right on the session key nobody gets in; with one on the recordings' key, the watched read the watch.

    For the key of sessions: roles of nodes need kms:Decrypt, operators kms:GenerateDataKey, by the key's policy or by
    their own where it leaves the key to the account. For the key of a log group or log bucket: operators may not
    kms:Decrypt. Administrators, who may do everything, are OPER-06's.

    It cannot tell where a policy, a boundary, or what a role is for is not known.

    Reference: AWS Systems Manager User Guide, "Turn on KMS key encryption of session data".
    """
    account = with_told_people(context.account)
    passed = Passed(key.origin, "who uses sessions has what they need of the key, and no more")
    checks = tuple(_checks(key, account))
    return conclude(key.origin, checks, passed=passed, undecided="who may do what with the key cannot be told")


def _checks(key: Key, account: Account) -> Iterator[Check]:
    documents = {document.address for document in account.session_documents}
    stores = {store.address for store in (*account.log_groups, *account.log_buckets)}
    users, gap = _users(key)
    yield from gaps(gap)
    for user in sorted(users - documents - stores):
        yield Unknown(Why.OUT_OF_SCOPE, key.used_by.at, f"what {user} is, which uses the key")
    people = operators.select(account)
    yield from gaps(people.gap)
    subjects = [subject for subject in people if not is_yes(administrator(subject.person, account))]
    if users & documents:
        yield from _of_nodes(key, account)
        for subject in subjects:
            yield from _lacking(_ask(subject.person, "kms:GenerateDataKey", key, account), subject, key)
    if users & stores:
        for subject in subjects:
            yield from _reading(_ask(subject.person, "kms:Decrypt", key, account), subject)


def _users(key: Key) -> tuple[frozenset[str], Unknown | None]:
    """Return what is known to use the key, and why there may be more."""
    names = frozenset(str(user.value) for user in each(key.used_by) if isinstance(user, Known))
    return names, key.used_by if isinstance(key.used_by, Unknown) else known_or(mapped(key.used_by, _rest), None)


def _rest(users: Items) -> Unknown | None:
    return users.rest


def _ask(person: Person, action: str, key: Key, account: Account) -> Decision:
    return may_on_key(person, on_key(account, person.fact, action, key), key)


def _of_nodes(key: Key, account: Account) -> Iterator[Check]:
    for role in account.roles:
        decision = _ask(person_of(role), "kms:Decrypt", key, account)
        if isinstance(decision, Allowed) or not _may_be_a_node(role):
            continue
        text = f"nodes with the role {known_or(role.name, role.address)} may not kms:Decrypt: no session opens on them"
        found = decision.why if isinstance(decision, Undetermined) else Problem(role.origin, text)
        yield next(gaps(is_of_nodes(role), exists(role)), found)


def _may_be_a_node(role: Role) -> bool:
    return not is_no(exists(role)) and not is_no(is_of_nodes(role))


def _lacking(decision: Decision, subject: JudgedPerson, key: Key) -> Iterator[Check]:
    if isinstance(decision, Denied):
        place = key.origin if decision.by is None else decision.by.at
        text = f"{subject.person.title} may not kms:GenerateDataKey: its sessions are refused"
        yield next(_doubts(subject), Problem(place, text))
    elif isinstance(decision, Undetermined):
        yield next(_doubts(subject), decision.why)


def _reading(decision: Decision, subject: JudgedPerson) -> Iterator[Check]:
    if isinstance(decision, Allowed):
        text = f"{subject.person.title} opens sessions, and its policies let it decrypt recordings"
        yield next(_doubts(subject), Problem(decision.by.at, text))
    elif isinstance(decision, Undetermined):
        yield next(_doubts(subject), decision.why)


def _doubts(subject: JudgedPerson) -> Iterator[Unknown]:
    yield from gaps(exists(subject), subject.doubt)
