"""Who may use the keys of sessions and logs, as far as the keys' own policies tell: KMS-04 and KMS-05."""

from collections.abc import Iterator

from ssm_hardening.core.logic import each, is_no, is_yes
from ssm_hardening.core.values import Absent, Text, Unknown, Value, Why
from ssm_hardening.iam.analysis import Grant, granted, open_to_accounts, open_to_everybody
from ssm_hardening.iam.arns import LogGroupPlace
from ssm_hardening.iam.principals import is_account
from ssm_hardening.iam.resource_policies import LOGS_ACTIONS, logs_may, owner
from ssm_hardening.model import Account, Key, LogGroup
from ssm_hardening.model.facts import exists
from ssm_hardening.rules.kit.checks import Check, Problem, conclude, exposed, gaps
from ssm_hardening.rules.kit.subjects import keys
from ssm_hardening.rules.registry import Context, rule
from ssm_hardening.verdicts.findings import Passed, Severity, Verdict

_DEFAULT = "the key has AWS's default policy: IAM policies of its own account decide"
_SESSION_ACTIONS = {"kms:Decrypt": "nodes", "kms:GenerateDataKey": "operators"}


@rule(
    id="KMS-04",
    title="Key policy admits neither everybody nor whole other accounts",
    severity=Severity.CRITICAL,
    over=keys,
    manual="taking rights out of an existing policy may cut off somebody who needs them",
)
def key_policy_admits_few(key: Key, context: Context) -> Verdict:
    """Whoever may use the key reads what it protects: recordings in the bucket or the log group, and live sessions.

    A wildcard principal that a condition ties to an account (kms:CallerAccount), an organization or a service
    (kms:ViaService) is bounded and passes, and so does the delegation to the key's own account.

    It cannot tell where a statement, a principal or a condition is not known, or whether an account named by its number
    is this one.

    Reference: AWS Key Management Service Developer Guide, "Key policies in AWS KMS".
    """
    if not key.statements.items and key.statements.gap is None:
        return Passed(key.origin, _DEFAULT)
    own = owner(key.statements, context.account.account)
    return conclude(
        key.origin,
        [
            *exposed(open_to_everybody(key.statements), "the key policy admits everybody"),
            *exposed(open_to_accounts(key.statements, own), "the key policy admits a whole account"),
        ],
        passed=Passed(key.origin, "the key policy admits neither everybody nor another account as a whole"),
        undecided="whom the key policy admits cannot be told",
    )


@rule(
    id="KMS-05",
    title="Key policy admits those who need the key",
    severity=Severity.HIGH,
    over=keys,
    remedy="session-keys",
)
def key_policy_admits_who_needs_it(key: Key, context: Context) -> Verdict:
    """CloudWatch Logs has to be admitted by the key's own policy, or the log group cannot be encrypted with it.

    The service principal logs.<region>.amazonaws.com needs to encrypt, decrypt, re-encrypt, make data keys and describe
    the key, for this group (kms:EncryptionContext:aws:logs:arn). Nodes need kms:Decrypt and operators
    kms:GenerateDataKey on the session key: where the policy delegates to the account, IAM policies decide that, which
    KMS-07 judges, as it does whether operators can decrypt the logs.

    It cannot tell where a statement or the use of the key is not known, or where the policy admits callers by name.

    Reference: Amazon CloudWatch Logs User Guide, "Encrypt log data in CloudWatch Logs using AWS KMS".
    """
    return conclude(
        key.origin,
        _admissions(key, context.account),
        passed=Passed(key.origin, "the key policy admits those who use the key here"),
        undecided="whether the key policy admits those who need the key cannot be told",
    )


def _admissions(key: Key, account: Account) -> Iterator[Check]:
    documents = {document.address for document in account.session_documents.items}
    groups = {group.address: group for group in account.log_groups.items}
    buckets = {bucket.address for bucket in account.log_buckets.items}
    for user in _users(key):
        if isinstance(user, Unknown):
            yield user
        elif user in groups:
            yield from _logs_admitted(key, groups[user], account)
        elif user in documents:
            yield from _people_admitted(key, account)
        elif user not in buckets:
            yield Unknown(Why.OUT_OF_SCOPE, key.used_by.at, f"what {user} is, which uses the key")


def _users(key: Key) -> Iterator[str | Unknown]:
    for user in each(key.used_by):
        if not isinstance(user, Absent):
            yield user if isinstance(user, Unknown) else str(user.value)


def _logs_admitted(key: Key, group: LogGroup, account: Account) -> Iterator[Check]:
    """Check each action the service needs; one missing is a problem, where the group exists."""
    own = owner(key.statements, account.account)
    place = LogGroupPlace(group.address, group.name, account.region, own)
    answers = {action: logs_may(key.statements, action, place, key.origin) for action in LOGS_ACTIONS}
    missing = [action for action, answer in answers.items() if is_no(answer)]
    there = exists(group)
    if isinstance(there, Unknown):
        yield there
    if not is_yes(there):
        return
    if missing:
        yield Problem(
            key.origin,
            f"the key policy does not admit CloudWatch Logs for {group.address}: {', '.join(missing)} not allowed",
        )
    yield from gaps(*answers.values())


def _people_admitted(key: Key, account: Account) -> Iterator[Check]:
    """Check that nodes and operators may get at the session key, by delegation to the account or by name."""
    if not key.statements.items and key.statements.gap is None:
        return
    own = owner(key.statements, account.account)
    for action, who in _SESSION_ACTIONS.items():
        found = granted(key.statements, action)
        if any(_is_own(grant, own) for grant in found.grants):
            continue
        if found.doubt is not None:
            yield found.doubt
        elif found.grants:
            detail = f"whether {who} are among those the key policy allows {action}"
            yield Unknown(Why.OUT_OF_SCOPE, found.grants[0].statement.at, detail)
        else:
            yield Problem(key.origin, f"the key policy allows nobody {action}, which {who} need")


def _is_own(grant: Grant, own: Value[Text]) -> bool:
    return grant.account is not None and is_yes(is_account(grant.account, own, grant.statement.at))
