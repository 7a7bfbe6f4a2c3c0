"""Who may use the keys of sessions and logs, as far as the keys' own policies tell: KMS-04 and KMS-05."""

from collections.abc import Iterator

from ssm_hardening.access.guardrails import beside_guardrails
from ssm_hardening.core.logic import each, is_no, is_yes
from ssm_hardening.core.values import Absent, Text, Unknown, Value, Why
from ssm_hardening.iam.analysis import Grant, granted, open_to_accounts, open_to_everybody
from ssm_hardening.iam.arns import LogGroupPlace
from ssm_hardening.iam.conditions import bounds_told
from ssm_hardening.iam.principals import is_account
from ssm_hardening.iam.resource_policies import LOGS_ACTIONS, logs_may, owner
from ssm_hardening.model import Account, Key, LogGroup
from ssm_hardening.model.facts import exists
from ssm_hardening.rules.kit.checks import Check, Problem, conclude, exposed, gaps, headed
from ssm_hardening.rules.kit.subjects import keys
from ssm_hardening.rules.registry import Context, rule
from ssm_hardening.verdicts.findings import Passed, Severity, Verdict

_DEFAULT = "the key has the default key policy, so only the IAM policies of its account grant access"
_SESSION_ACTIONS = {"kms:Decrypt": "nodes", "kms:GenerateDataKey": "operators"}


@rule(
    id="KMS-04",
    title="Key policy does not grant broad access",
    headline="Key policy grants access to everyone",
    severity=Severity.CRITICAL,
    over=keys,
    manual="removing permissions from an existing policy can lock out someone who needs them",
)
def key_policy_admits_few(key: Key, context: Context) -> Verdict:
    """Anyone who can use the key can read what it protects: recordings in the bucket or log group, and live sessions.

    A wildcard principal passes if a condition limits who the callers are (this account, with kms:CallerAccount, or an
    organization), or the network that requests come from. A service alone (kms:ViaService) is no limit: anyone can use
    it from an account of their own. Delegation to the account that owns the key also passes.

    Undecided when a statement, a principal, or a condition is unknown, or when an account ID in the policy may be that
    of this account.

    Reference: AWS Key Management Service Developer Guide, "Key policies in AWS KMS".
    """
    if not key.statements.items and key.statements.gap is None:
        return Passed(key.origin, _DEFAULT)
    own = owner(key.statements, context.account.account)
    limited = beside_guardrails(key.statements, context.account)
    return conclude(
        key.origin,
        [
            *exposed(open_to_everybody(limited), "the key policy grants access to everyone"),
            *headed(
                "Key policy admits an entire account",
                exposed(open_to_accounts(limited, own), "the key policy grants access to an entire account"),
            ),
        ],
        passed=Passed(
            key.origin,
            f"the key policy does not grant access to everyone or to another account as a whole"
            f"{bounds_told(key.statements)}",
        ),
        undecided="who the key policy grants access to is unknown",
    )


@rule(
    id="KMS-05",
    title="Key policy allows those who need the key",
    headline="Key policy blocks those who need the key",
    severity=Severity.HIGH,
    over=keys,
    remedy="session-keys",
)
def key_policy_admits_who_needs_it(key: Key, context: Context) -> Verdict:
    """CloudWatch Logs can encrypt a log group with a key only if the key policy allows it.

    The service principal logs.<region>.amazonaws.com needs permission to encrypt, decrypt, re-encrypt, generate data
    keys, and describe the key for this log group (kms:EncryptionContext:aws:logs:arn). On the session key, nodes need
    kms:Decrypt and operators need kms:GenerateDataKey. If the policy delegates to the account, IAM policies decide;
    KMS-07 checks those, and also whether operators can decrypt the logs.

    Undecided when a statement or the use of the key is unknown, or when the policy allows callers by name.

    Reference: Amazon CloudWatch Logs User Guide, "Encrypt log data in CloudWatch Logs using AWS KMS".
    """
    return conclude(
        key.origin,
        _admissions(key, context.account),
        passed=Passed(key.origin, "the key policy allows those who use the key here"),
        undecided="whether the key policy allows those who need the key is unknown",
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
            f"the key policy does not allow CloudWatch Logs {' or '.join(missing)} for {group.address}",
            headline="Key policy does not allow CloudWatch Logs",
        )
    yield from gaps(*answers.values())


def _people_admitted(key: Key, account: Account) -> Iterator[Check]:
    """Check that nodes and operators may get at the session key, by delegation to the account or by name."""
    if not key.statements.items and key.statements.gap is None:
        return
    own = owner(key.statements, account.account)
    for action, who in _SESSION_ACTIONS.items():
        found = granted(key.statements, action)
        if found.unless is None and any(_is_own(grant, own) for grant in found.grants):
            continue
        if found.doubt is not None:
            yield found.doubt
        elif found.grants:
            detail = f"whether the principals that the key policy allows {action} include {who}"
            yield Unknown(Why.OUT_OF_SCOPE, found.grants[0].statement.at, detail)
        else:
            yield Problem(key.origin, f"the key policy does not allow {action}, which {who} need")


def _is_own(grant: Grant, own: Value[Text]) -> bool:
    return grant.account is not None and is_yes(is_account(grant.account, own, grant.statement.at))
