"""How a node hands its role's credentials to whoever asks on it: ROLE-07."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ssm_hardening.core.values import Absent, Known, Unknown
from ssm_hardening.model import Account
from ssm_hardening.rules.account.service_settings import MANAGEMENT_ROLE, find
from ssm_hardening.rules.kit.settings import Check, Problem, conclude, literal, text_setting
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
def role_07(node: "Instance", context: Context) -> Verdict:
    """A web request tricked out of a process on the node gets its role's credentials, unless IMDSv2 is required.

    Tokens must be required, and an answer may travel no further than the standard's `hop_limit_max` (low). A node needs
    a role, of its own instance profile or of Default Host Management, which works with IMDSv2 only (medium).

    It cannot tell where the metadata options, the profile or the service setting are not known.

    Reference: Amazon EC2 User Guide, "Use the Instance Metadata Service"; Security Hub control EC2.8.
    """
    checks = (*_tokens(node), *_hops(node, context.thresholds.hop_limit_max), *_role(node, context.account))
    passed = Passed(node.imds_tokens.at, "IMDSv2 is required, its answers do not travel, and the node has a role")
    return conclude(node.origin, checks, passed=passed, undecided="whether its credentials are guarded cannot be told")


def _tokens(node: "Instance") -> Iterator[Check]:
    match node.imds_tokens:
        case Known() as tokens:
            text = literal(tokens)
            if isinstance(text, Unknown):
                yield text
            elif text != "required":
                yield Problem(tokens.at, f"IMDSv2 is not required: tokens are {text}", Severity.HIGH)
        case Absent(at):
            yield Problem(at, "IMDSv2 is not required", Severity.HIGH)
        case Unknown() as gap:
            yield gap


def _hops(node: "Instance", most: int) -> Iterator[Check]:
    match node.imds_hop_limit:
        case Known(hops, at):
            if hops > most:
                text = f"credentials travel {hops} hops from the node; {most} are allowed"
                yield Problem(at, text, Severity.LOW)
        case Unknown() as gap:
            yield gap
        case Absent():
            return


def _role(node: "Instance", account: Account) -> Iterator[Check]:
    """Look for a role: of the profile, or the one that Default Host Management hands out."""
    match text_setting(node.profile):
        case Known():
            return
        case Unknown() as gap:
            yield gap
        case Absent(at):
            yield from _default_management(account, Problem(at, _NOTHING, Severity.MEDIUM))


_NOTHING = "it has no instance profile, and Default Host Management hands out no role: no session reaches it"


def _default_management(account: Account, nothing: Problem) -> Iterator[Check]:
    setting = find(account, MANAGEMENT_ROLE)
    if isinstance(setting, Unknown):
        yield setting
        return
    if setting is None:
        yield unsaid(account, "whether Default Host Management hands out a role")
        return
    match setting.value:
        case Known() as value:
            text = literal(value)
            if isinstance(text, Unknown):
                yield text
            elif text in _NO_ROLE:
                yield nothing
        case Absent():
            yield nothing
        case Unknown() as gap:
            yield gap
