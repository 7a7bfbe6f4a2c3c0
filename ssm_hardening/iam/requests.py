"""What is asked of policies: one action on one resource, with what is known of the circumstances."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import Enum, auto

from ssm_hardening.core.logic import literal
from ssm_hardening.core.origins import CodeOrigin, Origin
from ssm_hardening.core.values import Absent, Items, Known, Reference, Template, Text, Unknown, Value, Why

CALLER_ACCOUNT = Reference("data.aws_caller_identity.current", "account_id")
CALLER_REGION = Reference("data.aws_region.current", "name")
CALLER_PARTITION = Reference("data.aws_partition.current", "partition")

_NOWHERE = CodeOrigin("", 0)
_PARTITIONS = {
    "cn-": "aws-cn", "us-gov-": "aws-us-gov", "us-iso-": "aws-iso", "us-isob-": "aws-iso-b", "eu-isoe-": "aws-iso-e",
    "us-isof-": "aws-iso-f", "eusc-": "aws-eusc",
}  # fmt: skip

_HOMES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "aws": {
        "us-east-1": (
            "account", "aws-portal", "billingconductor", "budgets", "ce", "chime", "cloudfront", "cur", "health", "iam",
            "importexport", "notifications-contacts", "organizations", "route53", "route53domains", "savingsplans",
            "shield", "support", "tax", "waf",
        ),
        "us-west-2": (
            "globalaccelerator", "networkmanager", "route53-recovery-control-config", "route53-recovery-readiness",
        ),
    },
    "aws-cn": {
        "cn-north-1": ("iam", "support"),
        "cn-northwest-1": ("account", "budgets", "ce", "cloudfront", "health", "organizations", "route53"),
    },
    "aws-us-gov": {"us-gov-west-1": ("iam", "networkmanager", "organizations", "route53", "support")},
    "aws-iso": {"us-iso-east-1": ("budgets", "ce", "iam", "organizations", "route53", "support")},
    "aws-iso-b": {"us-isob-east-1": ("budgets", "ce", "iam", "organizations", "route53", "support")},
    "aws-iso-e": {"eu-isoe-west-1": ("budgets", "iam", "organizations", "route53", "savingsplans")},
    "aws-iso-f": {"us-isof-south-1": ("budgets", "ce", "iam", "organizations", "route53", "savingsplans")},
}  # fmt: skip
"""In which Region the only endpoint of a global service is: what requests to it hold as aws:RequestedRegion.

Sources: IAM User Guide, "AWS: Denies access to AWS based on the requested Region"; the endpoints of botocore 1.44.
"""

REQUESTED_REGION, MFA = "aws:requestedregion", "aws:multifactorauthpresent"
_PASS = "iam:passrole"  # noqa: S105 - an action


class Caller(Enum):
    """Who makes a request, which says what values of it they choose (`iam.contexts`)."""

    UNTOLD = auto()
    """Nobody: what is not known of the request stays so."""

    PERSON = auto()
    NODE = auto()
    STRANGER = auto()
    """Somebody of another account, who cannot come from any network that a policy names."""

    ANYONE = auto()
    """Somebody of another account who has what a policy asks for, unless the question says that they lack it."""


def _nobody() -> Unknown:
    return Unknown(Why.OUT_OF_SCOPE, _NOWHERE, "who makes the request")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request, as IAM would see it.

    `resource` is one concrete ARN, a Template where parts of it are not known, or `*` for actions without a resource;
    `address` is that of its fact, so that a policy that refers to it means it. `context` maps condition keys in lower
    case to their values: Absent where the request surely lacks the key. Of keys that begin with one of `settled` there
    are no others than those in `context`; `rest` is what every other key is. `principal` is the ARN of who asks;
    resource policies need it, and where it is a reference, `spelled` is the ARN as far as it is known. `undeclared`
    says that no code declares the resource (AWS's own, or made up to ask about it), so that a reference to something
    declared never means it. What `caller` chooses is not in the context.
    """

    action: str
    resource: Text
    account: Value[Text]
    region: Value[Text]
    address: str | None = None
    context: Mapping[str, Value[Items]] = field(default_factory=dict)
    settled: tuple[str, ...] = ()
    rest: Absent | Unknown = field(
        default_factory=lambda: Unknown(Why.OUT_OF_SCOPE, _NOWHERE, "known only when the request is made")
    )
    principal: Value[Text] = field(default_factory=_nobody)
    spelled: Text | None = None
    undeclared: bool = False
    caller: Caller = Caller.UNTOLD

    @property
    def partition(self) -> str:
        """The partition, as the Region tells it; `aws` where the Region is not known."""
        return partition_of(self.region)

    def value(self, key: str) -> Value[Items]:
        """Return what the request holds under a condition key (in lower case)."""
        if self.is_fixed(key):
            return self.context.get(key, Absent(self.account.at))
        return self._endpoint() if key == REQUESTED_REGION else self.rest

    def is_fixed(self, key: str) -> bool:
        """Say whether the question itself says what the request holds under a key, if anything."""
        return key in self.context or key.startswith(self.settled)

    @property
    def service(self) -> str:
        """The prefix of the action."""
        return self.action.partition(":")[0].casefold()

    def alternatives(self) -> Mapping[str, tuple[Value[Items], ...]]:
        """Return keys that hold one of a few values, and it is not documented which.

        A role is passed to another service, which asks IAM about it: the Region may be that of either. A node has no
        MFA device: its requests say so, or say nothing.
        """
        at = self.account.at
        found: dict[str, tuple[Value[Items], ...]] = {}
        if self.action.casefold() == _PASS and literal(self.region) != self._home():
            found[REQUESTED_REGION] = (_one(self._home_or_region()), _one(self.region))
        if self.caller is Caller.NODE:
            found[MFA] = (Known(Items((Known("false", at),)), at), Absent(at))
        return {key: values for key, values in found.items() if not self.is_fixed(key)}

    def _home(self) -> str | None:
        """Return the Region of the only endpoint of a global service."""
        homes = _HOMES.get(self.partition, {})
        return next((name for name, services in homes.items() if self.service in services), None)

    def _home_or_region(self) -> Value[Text]:
        home = self._home()
        return self.region if home is None else Known(home, self.region.at)

    def _endpoint(self) -> Value[Items]:
        """Return in which Region the endpoint is that is called; whoever calls STS chooses it."""
        at = self.region.at
        if self.service == "sts":
            return Unknown(Why.OUT_OF_SCOPE, at, "which Region's endpoint of STS the caller chooses")
        if REQUESTED_REGION in self.alternatives():
            return Unknown(Why.OUT_OF_SCOPE, at, "in which Region a role is passed")
        return _one(self._home_or_region())


def _one(value: Value[Text]) -> Value[Items]:
    return Known(Items((value,)), value.at) if isinstance(value, Known) else value


@dataclass(frozen=True, slots=True, kw_only=True)
class Counterexample:
    """A request that is allowed and should not be, as texts.

    `principal` is an ARN, an address in code, or `*` for anybody. `context` holds the condition keys that the policies
    ask for, each with its values; none where the request lacks the key. `by` is where the statements stand that decide.
    `also` are further requests that it takes, such as passing a role.
    """

    principal: str
    action: str
    resource: str
    context: tuple[tuple[str, tuple[str, ...]], ...] = ()
    by: tuple[Origin, ...] = ()
    also: tuple["Counterexample", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What was asked of policies: actions, on what kinds of resources, in how many requests."""

    actions: tuple[str, ...]
    resources: tuple[str, ...]
    requests: int

    def __or__(self, other: "Asked") -> "Asked":
        """Return both together."""
        return Asked(
            actions=tuple(sorted({*self.actions, *other.actions})),
            resources=tuple(sorted({*self.resources, *other.resources})),
            requests=self.requests + other.requests,
        )


_heard: ContextVar[list[Request] | None] = ContextVar("_heard", default=None)


@contextmanager
def hearing() -> Iterator[list[Request]]:
    """Collect the requests that are decided meanwhile, so that a verdict can say what was asked."""
    found: list[Request] = []
    token = _heard.set(found)
    try:
        yield found
    finally:
        _heard.reset(token)


def heard_apart() -> AbstractContextManager[list[Request]]:
    """Decide requests that are no part of what is asked, such as whether somebody is an administrator."""
    return hearing()


def hear(request: Request) -> None:
    """Note that a request is decided, where somebody collects them."""
    found = _heard.get()
    if found is not None:
        found.append(request)


def partition_of(region: Value[Text]) -> str:
    """Return the partition of a Region; most accounts are in `aws`, and so is one whose Region is not known."""
    return partition_of_name(literal(region) or "")


def partition_of_name(region: str) -> str:
    """Return the partition of a Region by its name."""
    return next((found for start, found in _PARTITIONS.items() if region.startswith(start)), "aws")


def own_arn(  # noqa: PLR0913 - the fields of an ARN
    service: str, tail: Text, account: Value[Text], region: Value[Text], *, regional: bool = True, owned: bool = True
) -> Text:
    """Return the ARN of something of this account, or of AWS's own (not `owned`: no account stands in it).

    Where account or Region are not known the ARN has holes that stand for them. `regional` is false for services whose
    ARNs hold no Region.
    """
    place = _part(region, CALLER_REGION) if regional else ""
    owner = _part(account, CALLER_ACCOUNT) if owned else ""
    ends = tail.parts if isinstance(tail, Template) else (tail,)
    return joined(f"arn:{partition_of(region)}:{service}:", place, ":", owner, ":", *ends)


def _part(value: Value[Text], own: Reference) -> str | Reference:
    text = literal(value)
    return own if text is None else text


def joined(*parts: "str | Reference | Unknown") -> Text:
    """Return the parts as one text: plain where all of them are."""
    together: list[str | Reference | Unknown] = []
    for part in parts:
        if isinstance(part, str) and together and isinstance(together[-1], str):
            together[-1] = str(together[-1]) + part
        elif part != "":
            together.append(part)
    if len(together) == 1 and isinstance(together[0], str | Reference):
        return together[0]
    return Template(tuple(together))
