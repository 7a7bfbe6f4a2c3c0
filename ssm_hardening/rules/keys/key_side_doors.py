"""Ways to a key past its policy and past the review of roles: KMS-06."""

from collections.abc import Iterator
from typing import Any

from ssm_hardening.access.readers import key_changers
from ssm_hardening.core.values import Known, Unknown, Why
from ssm_hardening.iam.texts import glob, members
from ssm_hardening.model import Account, Key, KeyGrant
from ssm_hardening.rules.kit.checks import Check, Problem, gaps, wrong
from ssm_hardening.rules.kit.sources import told, with_told_people
from ssm_hardening.rules.kit.subjects import keys
from ssm_hardening.rules.registry import Context, rule
from ssm_hardening.rules.stores.readers import few, judged
from ssm_hardening.verdicts.findings import Question, Requirement, Severity, Verdict

_READS = frozenset({"Decrypt", "ReEncryptFrom", "CreateGrant"})
_IMPORTED = "its key material is imported: it can be deleted at once"
_SERVICES = ("*.amazonaws.com", "*.amazonaws.com.cn", "arn:*:iam::*:role/aws-service-role/*")


@rule(
    id="KMS-06",
    title="No side access to the keys of sessions and their logs",
    severity=Severity.HIGH,
    over=keys,
    question=Question.AUDIT,
    requirement=Requirement.AUDITING,
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
