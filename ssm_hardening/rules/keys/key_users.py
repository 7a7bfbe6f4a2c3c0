"""Who gets at the keys of sessions and recordings, past their policies and by their rights: KMS-06 and KMS-07."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ssm_hardening.access.people import Person, person_of
from ssm_hardening.access.placing import works_elsewhere
from ssm_hardening.access.readers import key_changers, key_destroyers
from ssm_hardening.access.stores import may_on_key, on_key
from ssm_hardening.core.errors import listed
from ssm_hardening.core.logic import each, is_no, is_yes, known_or
from ssm_hardening.core.values import Known, Unknown, Why
from ssm_hardening.iam.decisions import Allowed, Decision, Denied, Undetermined, surely
from ssm_hardening.iam.requests import Counterexample
from ssm_hardening.iam.texts import glob, members
from ssm_hardening.model import Account, Key, KeyGrant, Role
from ssm_hardening.model.facts import exists
from ssm_hardening.model.identity import is_only_named
from ssm_hardening.rules.kit.checks import Check, Problem, conclude, gaps, headed, too_much, wrong
from ssm_hardening.rules.kit.sources import told, with_told_people
from ssm_hardening.rules.kit.subjects import keys
from ssm_hardening.rules.nodes.node_roles import is_of_nodes
from ssm_hardening.rules.people.operators import administrator, operators_of
from ssm_hardening.rules.people.subjects import JudgedPerson
from ssm_hardening.rules.registry import Context, rule
from ssm_hardening.rules.stores.readers import few, judged
from ssm_hardening.verdicts.findings import Passed, Requirement, Severity, Verdict

_READS = frozenset({"Decrypt", "ReEncryptFrom", "CreateGrant"})
_IMPORTED = "the key material is imported, so it can be deleted immediately"
_SERVICES = ("*.amazonaws.com", "*.amazonaws.com.cn", "arn:*:iam::*:role/aws-service-role/*")


@rule(
    id="KMS-06",
    title="Session and log keys are not exposed by grants or key administrators",
    headline="A grant gives others use of the key",
    severity=Severity.HIGH,
    over=keys,
    also=(Requirement.ACCESS_CONTROL,),
    may=(Severity.MEDIUM,),
    manual="retiring a grant or removing a permission can break whatever uses it",
)
def has_no_side_access(key: Key, context: Context) -> Verdict:
    """A grant gives access to a key without appearing in any policy; changing the key policy gives full access to it.

    A grant that allows decryption or further grants fails unless recording_readers matches the ARN of the grantee;
    grants to AWS services and their service-linked roles pass. The rule also fails if more than recording_readers_max
    (strict 3, baseline 5) identities, including those of other accounts, have kms:CreateGrant, kms:PutKeyPolicy, or
    kms:UpdateAlias; identities that recording_readers matches, and permissions that allow grants only for AWS services,
    do not count. Those that can delete or disable the key, or delete its material, are counted separately. Imported key
    material is a medium finding: it can be deleted immediately, and all recordings are then lost.

    Undecided when grants, the key policy, or a policy that may grant these permissions are unknown, or when the key
    policy allows more principals than can be counted (an organization, or another account as a whole). Code never
    passes, because it does not contain all roles and grants of an account.

    Reference: AWS Key Management Service Developer Guide, "Grants in AWS KMS" and "Importing key material".
    """
    account, accepted = with_told_people(context.account), context.thresholds.recording_readers
    checks = [
        *_grants(key, context.account, accepted),
        *headed(
            "Too many identities can change key access",
            few(key_changers(key, account, accepted), "give others access to the key", key.origin, context),
        ),
        *headed(
            "Too many identities can delete the key",
            few(key_destroyers(key, account, accepted), "delete or disable the key", key.origin, context),
        ),
        *headed(
            "Imported key material can be deleted",
            wrong(key.material, lambda origin: _IMPORTED if origin == "EXTERNAL" else "", severity=Severity.MEDIUM),
        ),
    ]
    return judged(
        key, checks, context, "no grant allows decryption, and few identities can give others access to the key"
    )


def _grants(key: Key, account: Account, accepted: tuple[str, ...]) -> Iterator[Check]:
    grants = told(account, key.grants)
    for grant in grants:
        yield from _grant(grant, accepted, key)
    yield from gaps(grants.gap)


def _grant(grant: KeyGrant, accepted: tuple[str, ...], key: Key) -> Iterator[Check]:
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
                noun = "operations" if known[1:] else "operation"
                text = f"a grant allows {grantee} the {noun} {listed(known, 'and')}"
                first, *others = (
                    Counterexample(principal=grantee, action=f"kms:{each}", resource=key.address, by=(grant.at,))
                    for each in known
                )
                yield Problem(grant.grantee.at, text, example=replace(first, also=tuple(others)))
            yield from gaps(*reads)


def _operation(each: Known[Any] | Unknown) -> Known[str] | Unknown:
    if isinstance(each, Unknown) or isinstance(each.value, str):
        return each
    return Unknown(Why.UNPARSEABLE, each.at, "an operation of a grant that is not a string")


@rule(
    id="KMS-07",
    title="Session users can use the session key but not decrypt recordings",
    headline="Operators can decrypt recordings",
    severity=Severity.HIGH,
    over=keys,
    also=(Requirement.ACCESS_CONTROL,),
    manual="only someone who knows what else the key and the roles are for can change their policies",
)
def serves_sessions_without_their_recordings(key: Key, context: Context) -> Verdict:
    """Sessions fail without access to the session key; with access to the log key, operators can read the recordings.

    On the session key, the roles of nodes need kms:Decrypt and operators need kms:GenerateDataKey, granted by the key
    policy, by a grant, or by their own policies if the key policy delegates to the account. On the key of a log group
    or log bucket, operators must not have kms:Decrypt. Administrators, who are allowed everything, are covered by
    OPER-06. Roles whose nodes run in other Regions only are not checked.

    Undecided when a policy, a permissions boundary, a grant, or the purpose of a role is unknown.

    Reference: AWS Systems Manager User Guide, "Turn on KMS key encryption of session data".
    """
    account = with_told_people(context.account)
    passed = Passed(key.origin, "session users have the access to the key that they need, and no more")
    checks = tuple(_checks(key, account))
    return conclude(key.origin, checks, passed=passed, undecided="who has which access to the key is unknown")


def _checks(key: Key, account: Account) -> Iterator[Check]:
    documents = {document.address for document in account.session_documents}
    stores = {store.address for store in (*account.log_groups, *account.log_buckets)}
    users, gap = _users(key)
    yield from gaps(gap)
    for user in sorted(users - documents - stores):
        yield Unknown(Why.OUT_OF_SCOPE, key.used_by.at, f"what {user} is, which uses the key")
    people = operators_of(account)
    yield from gaps(people.gap)
    subjects = [subject for subject in people if not is_yes(administrator(subject.person, account))]
    if users & documents:
        yield from _of_nodes(key, account)
        for subject in subjects:
            yield from _lacking(surely(_ask(subject.person, "kms:GenerateDataKey", key, account)), subject, key)
    if users & stores:
        for subject in subjects:
            yield from _reading(_ask(subject.person, "kms:Decrypt", key, account), subject)


def _users(key: Key) -> tuple[frozenset[str], Unknown | None]:
    """Return what is known to use the key, and why there may be more."""
    found = each(key.used_by)
    names = frozenset(str(user.value) for user in found if isinstance(user, Known))
    return names, next((user for user in found if isinstance(user, Unknown)), None)


def _ask(person: Person, action: str, key: Key, account: Account) -> Decision:
    return may_on_key(person, on_key(account, person.fact, action, key), key)


def _of_nodes(key: Key, account: Account) -> Iterator[Check]:
    for role in account.roles:
        decision = surely(_ask(person_of(role, account), "kms:Decrypt", key, account))
        is_foreign = works_elsewhere(role, account)
        if isinstance(decision, Allowed) or not _may_be_a_node(role) or is_yes(is_foreign):
            continue
        name = known_or(role.name, role.address)
        text = f"nodes with the role {name} do not have kms:Decrypt, so no session opens on them"
        problem = Problem(role.origin, text, headline="Nodes cannot use the session key")
        found = decision.why if isinstance(decision, Undetermined) else problem
        yield next(gaps(is_of_nodes(role), exists(role), is_foreign), found)


def _may_be_a_node(role: Role) -> bool:
    """Say whether it may be; of a role that code only names, no more is told than of one that it does not name."""
    if is_only_named(role) and isinstance(role.kind, Unknown):
        return False
    return not is_no(exists(role)) and not is_no(is_of_nodes(role))


def _lacking(decision: Decision, subject: JudgedPerson, key: Key) -> Iterator[Check]:
    if isinstance(decision, Denied) and decision.by is None and subject.person.elsewhere is not None:
        yield subject.person.elsewhere
    elif isinstance(decision, Denied):
        place = key.origin if decision.by is None else decision.by.at
        text = f"{subject.person.title} does not have kms:GenerateDataKey, so its sessions are refused"
        yield next(_doubts(subject), Problem(place, text, headline="Operators cannot use the session key"))
    elif isinstance(decision, Undetermined):
        yield next(_doubts(subject), decision.why)


def _reading(decision: Decision, subject: JudgedPerson) -> Iterator[Check]:
    if isinstance(decision, Allowed):
        text = f"{subject.person.title} can start sessions, and is allowed to decrypt recordings"
        yield next(_doubts(subject), too_much(decision, text))
    elif isinstance(decision, Undetermined):
        yield next(_doubts(subject), decision.why)


def _doubts(subject: JudgedPerson) -> Iterator[Unknown]:
    yield from gaps(exists(subject), subject.doubt)
