"""What is asked of policies: one action on one resource, with what is known of the circumstances."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ssm_hardening.core.logic import literal
from ssm_hardening.core.origins import CodeOrigin
from ssm_hardening.core.values import Absent, Items, Reference, Template, Text, Unknown, Value, Why

CALLER_ACCOUNT = Reference("data.aws_caller_identity.current", "account_id")
CALLER_REGION = Reference("data.aws_region.current", "name")
CALLER_PARTITION = Reference("data.aws_partition.current", "partition")

_NOWHERE = CodeOrigin("", 0)
_PARTITIONS = {
    "cn-": "aws-cn", "us-gov-": "aws-us-gov", "us-iso-": "aws-iso", "us-isob-": "aws-iso-b", "eu-isoe-": "aws-iso-e",
    "us-isof-": "aws-iso-f", "eusc-": "aws-eusc",
}  # fmt: skip


def _nobody() -> Unknown:
    return Unknown(Why.OUT_OF_SCOPE, _NOWHERE, "who makes the request")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request, as IAM would see it.

    `resource` is one concrete ARN, a Template where parts of it are not known, or `*` for actions without a resource;
    `address` is that of its fact, so that a policy that refers to it means it. `context` maps condition keys in lower
    case to their values: Absent where the request surely lacks the key. Of keys that begin with one of `settled` there
    are no others than those in `context`; `rest` is what every other key is. `principal` is the ARN of who asks;
    resource policies need it. Where that is a reference, `spelled` is the ARN as far as it is known. `undeclared`
    says that no code declares the resource (AWS's own, or made up to ask about it), so that a reference to something
    declared never means it.
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

    @property
    def partition(self) -> str:
        """The partition, as the Region tells it; `aws` where the Region is not known."""
        return partition_of(self.region)

    def value(self, key: str) -> Value[Items]:
        """Return what the request holds under a condition key (in lower case)."""
        if key not in self.context and key.startswith(self.settled):
            return Absent(self.account.at)
        return self.context.get(key, self.rest)


def partition_of(region: Value[Text]) -> str:
    """Return the partition of a Region; most accounts are in `aws`, and so is one whose Region is not known."""
    name = literal(region) or ""
    return next((found for start, found in _PARTITIONS.items() if name.startswith(start)), "aws")


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
