"""What the rules over log stores share: which store a document names, who uses it, whom its ACL admits."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TypeVar

from ssm_hardening.core.errors import counted
from ssm_hardening.core.logic import (
    ask,
    certainly,
    each,
    every,
    flag,
    is_no,
    is_yes,
    known_or,
    mapped,
    negated,
    text_of,
)
from ssm_hardening.core.values import Absent, Inventory, Items, Known, Reference, Text, Unknown, Value, Why
from ssm_hardening.iam.examples import ANYBODY
from ssm_hardening.iam.requests import Counterexample
from ssm_hardening.iam.texts import resource_type
from ssm_hardening.model import LIVE, LogBucket, LogGroup, SessionDocument
from ssm_hardening.model.facts import exists
from ssm_hardening.model.joins import Elsewhere, Found, Uncertain, join
from ssm_hardening.model.placeholders import fixed_setting, written
from ssm_hardening.rules.kit.checks import Check, Problem, shown, when, wrong
from ssm_hardening.rules.registry import Context
from ssm_hardening.verdicts.findings import Failed, NotApplicable, Passed, Related, Undecided, Verdict

F = TypeVar("F", LogBucket, LogGroup)
T = TypeVar("T")

_ARN = re.compile(r"arn:[^:]*:(?:s3:::|logs:)")
_STORES = frozenset({"aws_s3_bucket", "aws_cloudwatch_log_group"})
_NO_NAME = re.compile(r"^(?:arn|bucket(?:_regional)?_domain_name|website_\w+|hosted_zone_id)$")
"""Attributes of the stores that are set, and never their names."""


def judge_store(
    document: SessionDocument, destination: Value[Text], inventory: Inventory[F], context: Context, what: str
) -> Verdict:
    """Check whether the store (`what`: bucket, log group) that a document names is one of `inventory`."""
    name = fixed_setting(destination)
    if isinstance(name, Absent):
        return NotApplicable(document.origin, f"the document does not name a {what}")
    wrongly = misnamed(name, what)
    if wrongly is not None:
        return wrongly
    match join(name, inventory):
        case Found(store) if context.account.source == LIVE:
            return _found_live(document, name, store, what)
        case Found(store):
            return _found(document, name, store, what)
        case Uncertain(gap):
            return Undecided(document.origin, gap, f"which {what} the document names is unknown")
        case Elsewhere(read):
            return _elsewhere(document, Known(read, name.at), inventory, context, what)


def misnamed(name: Value[Text], what: str) -> Failed | None:
    """Fail a text that is surely no name of a bucket or log group, but its ARN or the address of its endpoint."""
    match name:
        case Known(Reference() as reference):
            wrongly = resource_type(reference) in _STORES and _NO_NAME.search(reference.attribute) is not None
        case Known(text):
            wrongly = _ARN.match(written(text)) is not None
        case _:
            wrongly = False
    if not wrongly or not isinstance(name, Known):
        return None
    detail = f"the document names the {what} by {shown(name.value)}, but the agent needs its name"
    return Failed(name.at, detail, headline=f"Document does not give the name of the {what}")


def _found(document: SessionDocument, name: Known[Text] | Unknown, store: LogBucket | LogGroup, what: str) -> Verdict:
    declared = Related(store.origin, f"{store.address} is declared here")
    match store.exists:
        case Known(flag, at):
            if flag:
                return Passed(name.at, f"the {what} that the document names is declared in the same code", (declared,))
            gap = Unknown(Why.OUT_OF_SCOPE, at, f"{store.address}, which is declared here but not created")
            return Undecided(document.origin, gap, f"whether the {what} exists is unknown")
        case Absent(at):
            gap = Unknown(Why.OUT_OF_SCOPE, at, f"whether {store.address} is created here")
            return Undecided(document.origin, gap, f"whether the {what} exists is unknown")
        case Unknown() as gap:
            return Undecided(document.origin, gap, f"whether the {what} exists is unknown", related=(declared,))


def _found_live(
    document: SessionDocument, name: Known[Text] | Unknown, store: LogBucket | LogGroup, what: str
) -> Verdict:
    """Judge a store of a live account: one that exists, but in another account, does not exist in this one."""
    there, read = exists(store), shown(name.value) if isinstance(name, Known) else name.detail
    if isinstance(there, Unknown):
        return Undecided(document.origin, there, f"whether the {what} {read} exists is unknown")
    if not there.value:
        return Failed(there.at, f"the {what} {read} does not exist in this account")
    related = (Related(store.origin, f"this is {store.address}"),)
    return Passed(name.at, f"the {what} that the document names exists in this account", related)


def _elsewhere(
    document: SessionDocument, name: Known[str], inventory: Inventory[F], context: Context, what: str
) -> Verdict:
    if inventory.gap is not None:
        return Undecided(document.origin, inventory.gap, f"whether the {what} {name.value} exists is unknown")
    if context.account.source == LIVE:
        return Failed(name.at, f"the {what} {name.value} does not exist in this account")
    gap = Unknown(
        Why.OUT_OF_SCOPE,
        name.at,
        f"the {what} {name.value}, which this code does not declare for this account and Region",
    )
    message = f"whether the {what} exists is unknown: add the path that declares it, or audit the live account"
    return Undecided(document.origin, gap, message)


def users(used_by: Value[Items], context: Context) -> tuple[SessionDocument, ...]:
    """Return the session documents that are known to use a store."""
    addresses = {user.value for user in each(used_by) if isinstance(user, Known) and isinstance(user.value, str)}
    return tuple(item for item in context.account.session_documents.items if item.address in addresses)


def refusing(
    used_by: Value[Items], context: Context, switch: Callable[[SessionDocument], Value[bool]], key: str
) -> tuple[Related, ...]:
    """Return the documents that use a store and switch on that it must be encrypted."""
    asking = (document for document in users(used_by, context) if certainly(switch(document), bool))
    return tuple(Related(switch(document).at, f"{document.address} turns on {key}") for document in asking)


def versions_kept(bucket: LogBucket, least: int) -> Iterator[Check]:
    """Yield a problem where versions are deleted early, unless there are none, or Object Lock keeps them."""
    days = bucket.noncurrent_days
    locked = ask(bucket.object_lock_days, lambda lock: lock >= least, absent=False)
    if is_no(flag(bucket.versioning, absent=False)) or is_yes(locked):
        return
    for check in wrong(days, lambda number: "" if number >= least else _early(number, least)):
        yield locked if isinstance(check, Problem) and isinstance(locked, Unknown) else check


def _early(days: int, least: int) -> str:
    after = counted(days, "day")
    return f"a recording that is overwritten or deleted is lost after {after} (minimum: {least})"


ENFORCED = "BucketOwnerEnforced"
_GROUPS = "http://acs.amazonaws.com/groups/"
_PUBLIC = {"AllUsers": "everyone", "AuthenticatedUsers": "every AWS account"}


def granted_by_acl(bucket: LogBucket) -> Iterator[Check]:
    """Yield what the ACL gives to everyone or to other accounts, as far as it takes effect."""
    admits = _in_doubt(bucket.ownership, "object ownership")
    ignored = _in_doubt(bucket.ignore_public_acls, "ignore_public_acls")
    applies = ask(admits, lambda ownership: ownership != ENFORCED, absent=True)
    public = every((applies, negated(flag(ignored, absent=False))), bucket.origin)
    for grant in bucket.acl_grants:
        permission = known_or(mapped(grant.permission, str), "some permission")
        grantee = text_of(grant.grantee)
        if isinstance(grantee, Unknown):
            yield from () if is_no(applies) else (grantee,)
        elif isinstance(grantee, Known) and grantee.value.startswith(_GROUPS):
            whom = _PUBLIC.get(grantee.value.rpartition("/")[2])
            text = f"the ACL grants {whom} {permission}"
            yield from _by_acl(when(public, text, at=grant.at), ANYBODY, permission, bucket) if whom else ()
        elif isinstance(grantee, Known):
            text = f"the ACL grants {permission} to the entire account with the canonical user ID {grantee.value}"
            yield from _by_acl(when(applies, text, at=grant.at), grantee.value, permission, bucket)
    if bucket.acl_grants.gap is not None and not is_no(applies):
        yield bucket.acl_grants.gap


_BY_PERMISSION = {
    "READ": "s3:ListBucket",
    "WRITE": "s3:PutObject",
    "READ_ACP": "s3:GetBucketAcl",
    "WRITE_ACP": "s3:PutBucketAcl",
    "FULL_CONTROL": "s3:PutBucketAcl",
}
"""What permissions in the ACL of a bucket allow. Source: Amazon S3 User Guide, "Access control list (ACL) overview"."""


def _by_acl(checks: Iterable[Check], grantee: str, permission: str, bucket: LogBucket) -> Iterator[Check]:
    """Yield the checks, with the request that the permission allows, if it is one of S3's."""
    action = _BY_PERMISSION.get(permission)
    resource = f"{bucket.address}/*" if permission == "WRITE" else bucket.address
    for check in checks:
        if isinstance(check, Problem) and action is not None:
            example = Counterexample(principal=grantee, action=action, resource=resource, by=(check.at,))
            yield replace(check, example=example)
        else:
            yield check


def _in_doubt(value: Value[T], what: str) -> Value[T]:
    """Return a setting; unknown where S3 may have set it when it made the bucket, if that was late enough."""
    if isinstance(value, Known) and value.defaulted and value.value in {True, ENFORCED}:
        detail = f"{what}, which is not declared: S3 sets it only on buckets created since April 2023"
        return Unknown(Why.OUT_OF_SCOPE, value.at, detail)
    return value
