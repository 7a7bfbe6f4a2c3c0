"""Remedies for customer keys: changes of the code that declares them; commands for a person where none does."""

from collections.abc import Iterator
from shlex import quote

from ssm_hardening.core.logic import Answer, certainly, is_no, is_yes, known_or
from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Absent, Inventory, Items, Known, Record, Unknown
from ssm_hardening.iam.analysis import granted
from ssm_hardening.iam.arns import LogGroupPlace
from ssm_hardening.iam.resource_policies import LOGS_ACTIONS, logs_may, owner
from ssm_hardening.iam.statements import Statement
from ssm_hardening.model import Key, LogGroup
from ssm_hardening.remediation.cases import Case
from ssm_hardening.remediation.changes import AllowLogs, ByHand, Change, Phase, Plain, SetArgument, known_texts, name_of
from ssm_hardening.remediation.stores import policy_by_hand

_LONGEST_WINDOW = 30
_TO_OPEN_SESSIONS = ("kms:Decrypt", "kms:GenerateDataKey")


def unusable_key(case: Case) -> Iterator[Change]:
    """KMS-02: the key is enabled again; its kind can only be replaced, which is never done."""
    key = case.fact
    if not isinstance(key, Key):
        return
    match key.enabled:
        case Known(False, at):
            yield SetArgument(fact=key, path=("is_enabled",), value=Plain(True), phase=Phase.KEYS, read_at=at)
        case Known() | Absent() | Unknown():
            pass
    match key.usage, key.spec:
        case Known("ENCRYPT_DECRYPT"), Known("SYMMETRIC_DEFAULT"):
            return
        case _:
            pass
    what = "use another key: symmetric, for encryption (module session-keys creates one)"
    why = "the type of a key cannot be changed, and the data that it encrypted still needs it"
    yield ByHand(what=what, why=why, at=key.origin, phase=Phase.KEYS)


def hasty_key(case: Case) -> Iterator[Change]:
    """KMS-03: rotation, and a window of 30 days before deletion."""
    key = case.fact
    if not isinstance(key, Key):
        return
    match key.rotation:
        case Known(True) | Unknown():
            pass
        case (Known() | Absent()) as read:
            path = ("enable_key_rotation",)
            yield SetArgument(fact=key, path=path, value=Plain(True), phase=Phase.KEYS, read_at=read.at)
    match key.deletion_window_days:
        case Known(days, at) if days < case.thresholds.deletion_window_days_min:
            path, window = ("deletion_window_in_days",), Plain(_LONGEST_WINDOW)
            yield SetArgument(fact=key, path=path, value=window, phase=Phase.KEYS, read_at=at)
        case Known() | Absent() | Unknown():
            pass


def allow_logs(case: Case) -> Iterator[Change]:
    """KMS-05: one statement more, for the log groups that use the key; who else needs the key is not guessed."""
    key = case.fact
    if not isinstance(key, Key):
        return
    users, certain = _users(key)
    groups = [group for group in case.account.log_groups.items if group.address in users]
    lacking = tuple(group for group in groups if _lacks(key, group, case))
    if lacking:
        yield AllowLogs(fact=key, groups=lacking)
    helped = all(_would_do(key, group, case) for group in groups)
    if not certain or not helped or _people_are_shut_out(key, users, case):
        yield from policy_by_hand(case)


def _users(key: Key) -> tuple[set[str], bool]:
    """Return the addresses of what uses the key, and whether that is all."""
    certain = certainly(
        key.used_by,
        lambda users: users.rest is None and all(isinstance(each, Known) for each in users.items),
        absent=True,
    )
    return set(known_texts(key.used_by)), certain


def _lacks(key: Key, group: LogGroup, case: Case) -> bool:
    """Say whether CloudWatch Logs is known to lack a right for the group, which one statement more would give it."""
    missing = any(is_no(answer) for answer in _answers(key, key.statements, group, case))
    return missing and _would_do(key, group, case)


def _would_do(key: Key, group: LogGroup, case: Case) -> bool:
    """Say whether the group is there and nothing but a statement is missing: none denies, none is unread."""
    match group.exists:
        case Known(True):
            pass
        case Known() | Absent():
            return True
        case Unknown():
            return False
    widened = Inventory((*key.statements.items, _allows_all(key.origin)), key.statements.gap)
    return all(is_yes(answer) for answer in _answers(key, widened, group, case))


def _answers(key: Key, statements: Inventory[Statement], group: LogGroup, case: Case) -> Iterator[Answer]:
    place = LogGroupPlace(group.address, group.name, case.account.region, owner(key.statements, case.account.account))
    return (logs_may(statements, action, place, key.origin) for action in LOGS_ACTIONS)


def _allows_all(at: Origin) -> Statement:
    """Return a statement that nobody writes: what it does not allow, no other would."""
    absent = Absent(at)
    everybody = Known(Record({"*": Known(Items((Known("*", at),)), at)}), at)
    return Statement(
        at=at,
        sid=absent,
        effect=Known("Allow", at),
        actions=Known(Items((Known("kms:*", at),)), at),
        not_actions=absent,
        resources=Known(Items((Known("*", at),)), at),
        not_resources=absent,
        principals=everybody,
        not_principals=absent,
        conditions=absent,
    )


def _people_are_shut_out(key: Key, users: set[str], case: Case) -> bool:
    """Say whether a document uses the key and its policy is not known to give anybody the rights that sessions need."""
    if not key.statements.items and key.statements.gap is None:
        return False
    documents = {document.address for document in case.account.session_documents.items}
    if not documents & users or key.statements.gap is not None:
        return bool(documents & users)
    return not all(granted(key.statements, action).grants for action in _TO_OPEN_SESSIONS)


_NOT_TAKEN_OVER = (
    "existing keys are not imported, because a mistake in a key policy makes everything encrypted with the key "
    "unreadable"
)


def key_steps(case: Case, key: Key) -> Iterator[ByHand]:
    """Yield what to do about a finding on a key."""
    commands = case.remedy.commands or one_statement
    for command in commands(key, _place(case, key)):
        yield ByHand(
            what=f"{key.address}: {case.message}. {command}", why=_NOT_TAKEN_OVER, at=case.at, phase=Phase.KEYS
        )


def _place(case: Case, key: Key) -> str:
    region = str(known_or(case.account.region, ""))
    return f"--key-id {quote(name_of(key))}" + (f" --region {quote(region)}" if region else "")


def usable(key: Key, place: str) -> Iterator[str]:
    """Yield the command that enables a key again; its kind cannot be changed."""
    disabled = certainly(key.enabled, lambda enabled: not enabled)
    another = "Use another key: symmetric, for encryption (module session-keys creates one)"
    yield f"Run: aws kms enable-key {place}" if disabled else another


def rotated(_key: Key, place: str) -> Iterator[str]:
    """Yield the command that lets a key rotate."""
    yield f"Run: aws kms enable-key-rotation {place}"


def one_statement(_key: Key, place: str) -> Iterator[str]:
    """Yield the commands that change one statement of a policy and keep every other."""
    read = f"aws kms get-key-policy {place} --policy-name default --query Policy --output text > policy.json"
    write = f"aws kms put-key-policy {place} --policy-name default --policy file://policy.json"
    yield f"Run: {read}; change only that statement and keep all others; then run: {write}"
