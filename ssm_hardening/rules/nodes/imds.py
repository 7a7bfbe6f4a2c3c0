"""How a node hands its role's credentials to whoever asks on it: ROLE-07."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ssm_hardening.core.logic import setting, text_of
from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Absent, Unknown
from ssm_hardening.model import Account
from ssm_hardening.rules.account.service_settings import MANAGEMENT_ROLE, find
from ssm_hardening.rules.kit.checks import Check, conclude, gaps, wrong
from ssm_hardening.rules.kit.sources import unsaid
from ssm_hardening.rules.network.node_groups import ec2_nodes
from ssm_hardening.rules.registry import Context, rule
from ssm_hardening.verdicts.findings import Passed, Question, Requirement, Severity, Verdict

if TYPE_CHECKING:
    # Loaded on demand: the pre-commit check, which reads code, never needs them.
    from ssm_hardening.model import Instance

_NO_ROLE = frozenset({"", "$None"})


@rule(
    id="ROLE-07",
    title="Node credentials guarded: IMDSv2, short hops, a role",
    severity=Severity.HIGH,
    may=(Severity.MEDIUM, Severity.LOW),
    over=ec2_nodes,
    question=Question.CONTEXT,
    requirement=Requirement.ACCESS_CONTROL,
    manual=(
        "software on the node may still ask the old way, which the CloudWatch metric MetadataNoToken counts; at zero: "
        "aws ec2 modify-instance-metadata-options --instance-id ID --http-tokens required "
        "--http-put-response-hop-limit 1 (2 for containers), and metadata_options in code"
    ),
)
def guards_its_credentials(node: "Instance", context: Context) -> Verdict:
    """A web request tricked out of a process on the node gets its role's credentials, unless IMDSv2 is required.

    Tokens must be required, and an answer may travel no further than the standard's `hop_limit_max` (low). A node needs
    a role, of its own instance profile or of Default Host Management, which works with IMDSv2 only (medium).

    It cannot tell where the metadata options, the profile or the service setting are not known.

    Reference: Amazon EC2 User Guide, "Use the Instance Metadata Service"; Security Hub control EC2.8.
    """
    most = context.thresholds.hop_limit_max
    checks = (
        *wrong(
            text_of(node.imds_tokens),
            lambda text: "" if text == "required" else f"IMDSv2 is not required: tokens are {text}",
            absent="IMDSv2 is not required",
            severity=Severity.HIGH,
        ),
        *wrong(
            node.imds_hop_limit,
            lambda hops: f"credentials travel {hops} hops from the node; {most} are allowed" if hops > most else "",
            severity=Severity.LOW,
        ),
        *_role(node, context.account),
    )
    passed = Passed(node.imds_tokens.at, "IMDSv2 is required, its answers do not travel, and the node has a role")
    return conclude(node.origin, checks, passed=passed, undecided="whether its credentials are guarded cannot be told")


def _role(node: "Instance", account: Account) -> Iterator[Check]:
    """Look for a role: of the profile, or the one that Default Host Management hands out."""
    profile = setting(node.profile)
    yield from gaps(profile)
    if isinstance(profile, Absent):
        yield from _default_management(account, profile.at)


_NOTHING = "it has no instance profile, and Default Host Management hands out no role: no session reaches it"


def _default_management(account: Account, at: Origin) -> Iterator[Check]:
    found = find(account, MANAGEMENT_ROLE)
    if found is None:
        yield unsaid(account, "whether Default Host Management hands out a role")
    elif isinstance(found, Unknown):
        yield found
    else:
        role, weight = text_of(found.value), Severity.MEDIUM
        yield from wrong(
            role, lambda name: _NOTHING if name in _NO_ROLE else "", absent=_NOTHING, severity=weight, at=at
        )
