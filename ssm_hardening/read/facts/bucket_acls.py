"""ACLs of buckets, canned ones and grants, with what they say of the defaults; public access blocks of accounts."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from ssm_hardening.core.logic import each, flag, is_no, is_yes, literal
from ssm_hardening.core.values import Absent, Inventory, Known, Reference, Text, Unknown, Value, Why
from ssm_hardening.iam.texts import resource_type
from ssm_hardening.model import AclGrant
from ssm_hardening.read.converting import same
from ssm_hardening.read.facts.arguments import switch_in, text_in, texts_in
from ssm_hardening.read.facts.attachments import Attachment, certain, doubt_in
from ssm_hardening.read.graph import Config, Resource

_GROUPS = "http://acs.amazonaws.com/groups"
_EVERYBODY, _ANY_ACCOUNT = f"{_GROUPS}/global/AllUsers", f"{_GROUPS}/global/AuthenticatedUsers"
_LOG_DELIVERY = f"{_GROUPS}/s3/LogDelivery"
_CANNED: Mapping[str, tuple[tuple[str, str], ...]] = {
    "public-read": ((_EVERYBODY, "READ"),),
    "public-read-write": ((_EVERYBODY, "READ"), (_EVERYBODY, "WRITE")),
    "authenticated-read": ((_ANY_ACCOUNT, "READ"),),
    "log-delivery-write": ((_LOG_DELIVERY, "WRITE"), (_LOG_DELIVERY, "READ_ACP")),
    **dict.fromkeys(("private", "bucket-owner-read", "bucket-owner-full-control", "aws-exec-read"), ()),
}
"""Whom a canned ACL gives what, beside the owner and services of AWS's. Source: Amazon S3 User Guide, "Canned ACL"."""

_PRIVATE = frozenset({"private", "log-delivery-write", "bucket-owner-read", "bucket-owner-full-control"})
_OWN = frozenset({"aws_canonical_user_id", "aws_cloudfront_log_delivery_canonical_user_id"})
"""Data sources of the account's own canonical user ID, and of the one by which AWS delivers logs."""


def acl_grants(inline: Config, found: Inventory[Attachment]) -> Inventory[AclGrant]:
    """Return what the ACL gives to others than the owner; a gap where another one may take its place."""
    read: list[AclGrant] = []
    gap = doubt_in(found)
    for config in (inline, *certain(found)):
        for grant in _grants(config):
            if isinstance(grant, AclGrant):
                read.append(grant)
            else:
                gap = grant if gap is None else gap
    return Inventory(tuple(read), gap)


def _grants(config: Config) -> Iterator[AclGrant | Unknown]:
    acl = text_in(config, "acl")
    if isinstance(acl, Unknown):
        yield acl
    elif isinstance(acl, Known):
        yield from _canned(acl)
    else:
        yield from _listed_inline(config)
        yield from _listed(config)


def _canned(acl: Known[object]) -> Iterator[AclGrant | Unknown]:
    granted = _CANNED.get(str(acl.value))
    if granted is None:
        yield Unknown(Why.UNSUPPORTED, acl.at, f"the ACL {acl.value}")
    for grantee, permission in granted or ():
        yield AclGrant(at=acl.at, grantee=Known(grantee, acl.at), permission=Known(permission, acl.at))


def _listed_inline(config: Config) -> Iterator[AclGrant | Unknown]:
    blocks = config.blocks("grant")
    for block in blocks:
        for grantee in _grantees(block, Absent(block.at)):
            for permission in each(texts_in(block, "permissions")):
                whom = grantee if literal(permission) != "FULL_CONTROL" else _unless_owner(grantee)
                yield AclGrant(at=block.at, grantee=whom, permission=permission)
    if blocks.gap is not None:
        yield blocks.gap


def _unless_owner(grantee: Value[Text]) -> Value[Text]:
    """Return who has full control; inline grants list the owner too, and a literal ID does not say whose it is."""
    text = literal(grantee)
    if text is None or text.startswith(_GROUPS):
        return grantee
    return Unknown(Why.OUT_OF_SCOPE, grantee.at, f"whether the canonical user ID {text} is the bucket owner's")


def _listed(config: Config) -> Iterator[AclGrant | Unknown]:
    policies = config.blocks("access_control_policy")
    for policy in policies:
        owner, grants = text_in(policy, "owner", "id"), policy.blocks("grant")
        for grant in grants:
            grantees = grant.blocks("grantee")
            for grantee in (named for block in grantees for named in _grantees(block, owner)):
                yield AclGrant(at=grant.at, grantee=grantee, permission=text_in(grant, "permission"))
            if grantees.gap is not None:
                yield grantees.gap
        if grants.gap is not None:
            yield grants.gap
    if policies.gap is not None:
        yield policies.gap


def _grantees(block: Config, owner: Value[object]) -> Iterator[Value[Text]]:
    """Yield who a grant is for, unless it is the owner."""
    for argument in ("uri", "id", "email_address"):
        named = text_in(block, argument)
        is_own = isinstance(named, Known) and isinstance(named.value, Reference) and resource_type(named.value) in _OWN
        if not (isinstance(named, Absent) or is_own or same(named, owner)):
            yield named


def acl_doubt(inline: Config, found: Inventory[Attachment]) -> Unknown | None:
    """Say why the bucket cannot have the defaults of S3: an ACL that admits others only works without them."""
    for config in (inline, *(attached.resource.config for attached in found)):
        acl = text_in(config, "acl")
        if isinstance(acl, Unknown):
            return acl
        if isinstance(acl, Known) and literal(acl) not in _PRIVATE:
            return _needs_acls(f'the ACL "{acl.value}"', acl)
        granted = next((grant for grant in _grants(config) if _is_to_others(grant)), None)
        if isinstance(granted, AclGrant) and not isinstance(acl, Known):
            return _needs_acls("the ACL, which admits others,", granted)
    return None


def _is_to_others(grant: AclGrant | Unknown) -> bool:
    return isinstance(grant, AclGrant) and isinstance(grant.grantee, Known)


def _needs_acls(what: str, where: Known[object] | AclGrant) -> Unknown:
    return Unknown(Why.COMPUTED, where.at, f"{what} takes effect only if the bucket has ACLs enabled")


ACCOUNT_BLOCK = "aws_s3_account_public_access_block"

AccountOf = Callable[[Resource], Value[Text]]
"""Tells what stands for the AWS account of a resource."""


def blocked(
    own: Value[bool], name: str, account: Value[Text], blocks: Iterable[Resource], of: AccountOf
) -> Value[bool]:
    """Return whether S3 blocks public access in this way: for a bucket, or for all buckets of its account."""
    if isinstance(own, Known) and own.value and not own.defaulted:
        return own
    for block in blocks:
        everywhere, other = flag(switch_in(block.config, name), absent=False), of(block)
        is_here = same(other, account) or other is account
        if is_here and is_yes(everywhere) and not isinstance(block.exists, Unknown):
            return everywhere
        may_be_here = is_here or isinstance(other, Unknown) or isinstance(account, Unknown)
        if may_be_here and is_no(flag(own, absent=False)) and not is_no(everywhere):
            detail = f"whether {block.address} blocks public access to this bucket"
            own = Unknown(Why.COMPUTED, block.at, detail)
    return own
