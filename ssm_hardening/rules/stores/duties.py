"""Duties kept apart: who uses sessions does not read their recordings, and who runs no node does not write any."""

from collections.abc import Iterator

from ssm_hardening.access.people import Person, person_of
from ssm_hardening.access.readers import recording_writers
from ssm_hardening.access.stores import may_on_key, on_key
from ssm_hardening.core.logic import is_yes, unanswered
from ssm_hardening.core.values import Absent, Items, Known, Unknown, Why
from ssm_hardening.iam.decisions import Allowed, Decision, Denied, Undetermined
from ssm_hardening.model import Account, Key, LogBucket, Role
from ssm_hardening.rules.kit.settings import Check, Problem, conclude
from ssm_hardening.rules.kit.sources import with_told_people
from ssm_hardening.rules.kit.subjects import keys, log_buckets
from ssm_hardening.rules.people.operators import Caller, administrator, operators
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
def kms_07(key: Key, context: Context) -> Verdict:
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
    documents = {each.address for each in account.session_documents}
    stores = {each.address for each in (*account.log_groups, *account.log_buckets)}
    users, gap = _users(key)
    if gap is not None:
        yield gap
    for user in sorted(users - documents - stores):
        yield Unknown(Why.OUT_OF_SCOPE, key.used_by.at, f"what {user} is, which uses the key")
    people = operators.select(account)
    if people.gap is not None:
        yield people.gap
    callers = [each for each in people if not is_yes(administrator(each.person, account))]
    if users & documents:
        yield from _of_nodes(key, account)
        for caller in callers:
            yield from _lacking(_ask(caller.person, "kms:GenerateDataKey", key, account), caller, key)
    if users & stores:
        for caller in callers:
            yield from _reading(_ask(caller.person, "kms:Decrypt", key, account), caller)


def _users(key: Key) -> tuple[frozenset[str], Unknown | None]:
    match key.used_by:
        case Known(Items(items, rest)):
            return frozenset(str(each.value) for each in items if isinstance(each, Known)), rest
        case Absent():
            return frozenset(), None
        case Unknown() as gap:
            return frozenset(), gap


def _ask(person: Person, action: str, key: Key, account: Account) -> Decision:
    return may_on_key(person, on_key(account, person.fact, action, key), key)


def _of_nodes(key: Key, account: Account) -> Iterator[Check]:
    for role in account.roles:
        decision = _ask(person_of(role), "kms:Decrypt", key, account)
        if isinstance(decision, Allowed) or not _may_be_a_node(role):
            continue
        doubt = next((each for each in (role.kind, role.exists) if isinstance(each, Unknown)), None)
        if doubt is not None:
            yield unanswered(doubt)
        elif isinstance(decision, Undetermined):
            yield decision.why
        else:
            yield Problem(
                role.origin, f"nodes with the role {_name(role)} may not kms:Decrypt: no session opens on them"
            )


def _may_be_a_node(role: Role) -> bool:
    kind, exists = role.kind, role.exists
    gone = isinstance(exists, Absent) or (isinstance(exists, Known) and not exists.value)
    return not gone and (isinstance(kind, Unknown) or (isinstance(kind, Known) and kind.value == "node"))


def _name(role: Role) -> str:
    return str(role.name.value) if isinstance(role.name, Known) else role.address


def _lacking(decision: Decision, caller: Caller, key: Key) -> Iterator[Check]:
    match decision, _doubt(caller):
        case Allowed(), _:
            return
        case _, Unknown() as gap:
            yield gap
        case Undetermined(why), _:
            yield why
        case Denied(by), _:
            place = key.origin if by is None else by.at
            yield Problem(place, f"{caller.person.title} may not kms:GenerateDataKey: its sessions are refused")


def _reading(decision: Decision, caller: Caller) -> Iterator[Check]:
    match decision, _doubt(caller):
        case Denied(), _:
            return
        case _, Unknown() as gap:
            yield gap
        case Undetermined(why), _:
            yield why
        case Allowed(by), _:
            yield Problem(by.at, f"{caller.person.title} opens sessions, and its policies let it decrypt recordings")


def _doubt(caller: Caller) -> Unknown | None:
    return unanswered(caller.exists) if isinstance(caller.exists, Unknown) else caller.doubt


@rule(
    id="S3-10",
    title="Recordings are written by nodes",
    severity=Severity.HIGH,
    over=log_buckets,
    question=Question.AUDIT,
    requirement=Requirement.AUDITING,
    manual="what else writes to the bucket, and why, only its owner knows",
)
def s3_10(bucket: LogBucket, context: Context) -> Verdict:
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
