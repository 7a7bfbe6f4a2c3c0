"""Duties kept apart: who uses sessions does not read their recordings, and who runs no node does not write any."""

from collections.abc import Iterator

from ssm_hardening.access.people import Person, person_of
from ssm_hardening.access.readers import recording_writers
from ssm_hardening.access.stores import may_on_key, on_key
from ssm_hardening.core.logic import each, is_no, is_yes, known_or, mapped
from ssm_hardening.core.values import Items, Known, Unknown, Why
from ssm_hardening.iam.decisions import Allowed, Decision, Denied, Undetermined
from ssm_hardening.model import Account, Key, LogBucket, Role
from ssm_hardening.model.facts import exists
from ssm_hardening.rules.kit.checks import Check, Problem, conclude, gaps
from ssm_hardening.rules.kit.sources import with_told_people
from ssm_hardening.rules.kit.subjects import keys, log_buckets
from ssm_hardening.rules.nodes.node_roles import is_of_nodes
from ssm_hardening.rules.people.operators import JudgedPerson, administrator, operators
from ssm_hardening.rules.registry import Context, rule
from ssm_hardening.rules.stores.readers import few, judged
from ssm_hardening.verdicts.findings import Passed, Question, Requirement, Severity, Verdict


@rule(
    id="KMS-07",
    title="Those in a session get at its key, and not at the recordings",
    severity=Severity.HIGH,
    over=keys,
    question=Question.AUDIT,
    requirement=Requirement.AUDITING,
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


@rule(
    id="S3-10",
    title="Recordings are written by nodes",
    severity=Severity.HIGH,
    over=log_buckets,
    question=Question.AUDIT,
    requirement=Requirement.AUDITING,
    manual="what else writes to the bucket, and why, only its owner knows",
)
def is_written_by_nodes_alone(bucket: LogBucket, context: Context) -> Verdict:
    """Whoever else may write where recordings are can forge one, or put another in its place.

    Counted as in S3-09 (recording_readers_max, recording_readers) are those whose policies, together with the
    bucket's own, grant s3:PutObject under the prefix of the recordings, the roles of nodes aside. Service control
    policies are not read.

    It cannot tell where a policy that may grant the right is not known, or what a role is for. Code never passes: it
    does not hold all of an account's roles.

    Reference: AWS Systems Manager User Guide, "Logging session data using Amazon S3".
    """
    account, accepted = with_told_people(context.account), context.thresholds.recording_readers
    writers = recording_writers(bucket, account, accepted)
    checks = [*few(writers, "write recordings beside the nodes", bucket.origin, context)]
    return judged(bucket, checks, context, "few write under the prefix of the recordings beside the nodes")
