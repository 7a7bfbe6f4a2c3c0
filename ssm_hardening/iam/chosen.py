"""Which values of a request its caller chooses, and which only AWS sets.

Sources: IAM User Guide, "AWS global condition context keys" and "IAM and AWS STS condition context keys"; the service
authorization reference of the services named.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ssm_hardening.iam.places import REGIONS
from ssm_hardening.iam.requests import MFA, REQUESTED_REGION, Caller, Request, partition_of_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """How a caller chooses the value of a key.

    `usual` are values that requests have anyway, the most usual one first. `free`: any other may be chosen as well,
    such as `fresh`, which no policy names; if not, `whole` says that there are no others, and else they are unknown.
    `may_lack`: a request may do without. `several`: it has several values. `late`: a time, for which one can wait.
    """

    usual: tuple[str, ...] = ()
    fresh: str = "any-value"
    free: bool = True
    whole: bool = True
    may_lack: bool = True
    several: bool = False
    late: bool = False
    in_seconds: bool = False
    beside: str = ""


_FREE = Chosen()
_UNTOLD = Chosen(free=False, whole=False)
"""Whoever calls directly lacks it; what a service adds that calls on their behalf is unknown."""

_MFA_AGE = "aws:multifactorauthage"
_ALWAYS: Mapping[str, Chosen] = {
    MFA: Chosen(usual=("true", "false"), free=False),
    _MFA_AGE: Chosen(fresh="60"),
    "aws:securetransport": Chosen(usual=("true", "false"), free=False, may_lack=False),
    "aws:useragent": _FREE,
    "aws:referer": _FREE,
    "aws:currenttime": Chosen(late=True, may_lack=False),
    "aws:epochtime": Chosen(late=True, may_lack=False, in_seconds=True),
    "aws:tokenissuetime": Chosen(late=True),
    "aws:viaawsservice": Chosen(usual=("false",), free=False, whole=False, may_lack=False),
    "aws:calledvia": _UNTOLD,
    "aws:calledviafirst": _UNTOLD,
    "aws:calledvialast": _UNTOLD,
    "kms:viaservice": _UNTOLD,
}
_NETWORK: Mapping[str, Chosen] = {
    "aws:sourceip": Chosen(fresh="203.0.113.10"),
    "aws:vpcsourceip": Chosen(fresh="10.0.0.10"),
    "aws:sourcevpc": Chosen(fresh="vpc-0f6a93c1d2b7e4058"),
    "aws:sourcevpce": Chosen(fresh="vpce-0f6a93c1d2b7e4058"),
    "aws:vpceaccount": Chosen(fresh="999999999999"),
    "aws:vpceorgid": Chosen(fresh="o-0f6a93c1d2"),
    "aws:vpceorgpaths": Chosen(fresh="o-0f6a93c1d2/r-0f6a/", several=True),
    "aws:ec2instancesourcevpc": Chosen(fresh="vpc-0f6a93c1d2b7e4058"),
    "aws:ec2instancesourceprivateipv4": Chosen(fresh="10.0.0.10"),
}
_TAGS: Mapping[str, Chosen] = {
    "aws:tagkeys": Chosen(several=True, beside="aws:requesttag/"),
    "s3:requestobjecttagkeys": Chosen(several=True, beside="s3:requestobjecttag/"),
}
_TAGGED = ("aws:requesttag/", "s3:requestobjecttag/")
_TAGGING = (
    "addtags", "allocate", "assumerole", "copy", "create", "import", "register", "request", "run", "start", "tag",
    "issue", "launch", "purchase", "restore", "upload", "untag", "removetags", "deletetags", "putparameter", "putrule",
    "putmetricalarm", "putconfigrule", "putobject",
)  # fmt: skip
"""How the actions begin that may set or remove tags."""

_TAGGED_OF_IAM = re.compile(
    r"(un)?tag.*|create(instanceprofile|openidconnectprovider|policy|role|samlprovider|user|virtualmfadevice)"
    r"|uploadservercertificate"
)
"""The actions of IAM that may: those that change policies, keys, or passwords set no tags."""

_TAGLESS = Chosen(free=False)
"""What no request of an action has."""

_OF_SERVICE: Mapping[str, tuple[str, ...]] = {
    "sts": (
        "sts:rolesessionname", "sts:sourceidentity", "sts:durationseconds", "sts:transitivetagkeys", "sts:externalid",
    ),
    "s3": (
        "s3:x-amz-", "s3:prefix", "s3:delimiter", "s3:max-keys", "s3:signatureversion", "s3:authtype", "s3:tlsversion",
        "s3:object-lock-", "s3:locationconstraint",
    ),
    "ssm": ("ssm:recursive", "ssm:overwrite", "ssm:policies"),
    "ec2-instance-connect": ("ec2:osuser", "ec2-instance-connect:"),
}  # fmt: skip
"""How the keys begin that hold what a caller passes to a service."""

_SHARED_SECRET = "sts:externalid"  # noqa: S105 - a key
_PASSED = ("iam:passedtoservice", "iam:associatedresourcearn")
_CREATES = ("create", "run", "request", "register", "import")
_NOT_CREATED = ("ec2:createtags", "kms:creategrant", "iam:createaccesskey", "iam:createloginprofile")
_OF_OTHERS = (
    "resourcetag",
    "existingobjecttag",
    "createaction",
    "parent",
    "source",
    "owner",
    "region",
    "vpc",
    "subnet",
)
"""What keys begin with that tell of what is there, and not of what a call creates."""

_POWERFUL = ("AdministratorAccess", "IAMFullAccess", "PowerUserAccess")
"""Policies of AWS's that raise whoever gets them: whoever may attach these attaches them."""


_IDENTITY: Mapping[str, Chosen] = {
    "aws:principalorgid": Chosen(fresh="o-0f6a93c1d2"),
    "aws:principalorgpaths": Chosen(fresh="o-0f6a93c1d2/r-0f6a/"),
    "aws:principalaccount": Chosen(fresh="999999999999", may_lack=False),
    "aws:principalarn": Chosen(fresh="arn:aws:iam::999999999999:role/0123456789abcdef", may_lack=False),
    "aws:userid": Chosen(fresh="AROA0F6A93C1D2B7E4058:0123456789abcdef", may_lack=False),
}
"""Among all accounts some have what a pattern asks for; an account may be in no organization."""

NETWORK_KEYS = tuple(_NETWORK)


def chosen(key: str, request: Request) -> Chosen | None:
    """Return how the caller of a request chooses the value of a key (in lower case); None where they do not."""
    if request.caller is Caller.UNTOLD:
        return None
    if key in {MFA, _MFA_AGE} and request.caller is Caller.NODE:
        return None
    if key in _NETWORK:
        return None if request.caller is Caller.STRANGER else _NETWORK[key]
    if key.startswith("aws:principaltag/") and request.caller in {Caller.STRANGER, Caller.ANYONE}:
        return _FREE  # They tag the roles of their own accounts.
    if key in _IDENTITY and request.caller is Caller.ANYONE:
        return _IDENTITY[key]
    return _ALWAYS.get(key) or _by_action(key, request)


def _by_action(key: str, request: Request) -> Chosen | None:
    action, verb = request.action.casefold(), request.action.casefold().partition(":")[2]
    if key in _TAGS or key.startswith(_TAGGED):
        return _tags(key, action, verb)
    if key == REQUESTED_REGION:
        return _endpoints(request) if request.service == "sts" else None
    if key == "iam:policyarn":
        return _policies(request) if verb.startswith("attach") else None
    if key == "iam:permissionsboundary":
        # What a boundary leaves of what is created is another question: that there need be none is the caller's choice.
        return _UNTOLD if verb in {"createrole", "createuser"} else None
    if key in _PASSED:
        return _FREE if action == "iam:passrole" else None
    if key == _SHARED_SECRET and request.caller is Caller.STRANGER:
        return None
    if key.startswith(_OF_SERVICE.get(request.service, ("-",))):
        return Chosen(several=key.endswith("tagkeys"), fresh="900" if key == "sts:durationseconds" else "any-value")
    return _FREE if _is_created(key, action, verb, request.service) else None


def _tags(key: str, action: str, verb: str) -> Chosen:
    """Return how tags are chosen: a request can always do without; which actions take any is known of some."""
    if action.startswith("iam:") and _TAGGED_OF_IAM.fullmatch(verb) is None:
        return _TAGLESS
    sets = verb.startswith(_TAGGING) and action != "ssm:startsession"
    return _TAGS.get(key, _FREE) if sets else _UNTOLD


def _is_created(key: str, action: str, verb: str, service: str) -> bool:
    """Say whether a key tells of what the action creates: that is as the caller wants it."""
    prefix, _, name = key.partition(":")
    if prefix != service or action in _NOT_CREATED or name.startswith(_OF_OTHERS):
        return False
    return verb.startswith(_CREATES)


def _endpoints(request: Request) -> Chosen:
    """Return the Regions whose endpoint of STS a caller may choose."""
    there = tuple(each for each in REGIONS if partition_of_name(each) == request.partition)
    return Chosen(usual=there, free=False, may_lack=False)


def _policies(request: Request) -> Chosen:
    usual = tuple(f"arn:{request.partition}:iam::aws:policy/{name}" for name in _POWERFUL)
    return Chosen(usual=usual, free=False, whole=False, may_lack=False)
