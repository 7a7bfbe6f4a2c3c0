"""Who may become a node's role, and who on the node gets its credentials: ROLE-05 and ROLE-07."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ssm_hardening.core.logic import certainly, is_no, setting, text_of
from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Absent, Known, Record, Unknown, Value, Why
from ssm_hardening.iam.analysis import has_effect
from ssm_hardening.iam.principals import Principal, principals_of
from ssm_hardening.model import Account
from ssm_hardening.rules.account.service_settings import MANAGEMENT_ROLE, find
from ssm_hardening.rules.kit.checks import Check, Problem, conclude, gaps, wrong
from ssm_hardening.rules.kit.sources import unsaid
from ssm_hardening.rules.network.security_groups import ec2_nodes
from ssm_hardening.rules.nodes.node_roles import node_roles
from ssm_hardening.rules.registry import Context, rule
from ssm_hardening.verdicts.findings import Passed, Severity, Verdict

if TYPE_CHECKING:
    # Loaded on demand: the pre-commit check, which reads code, never needs them.
    from ssm_hardening.iam.statements import Statement
    from ssm_hardening.model import Instance, Role


_EC2 = frozenset({"ec2.amazonaws.com", "ec2.amazonaws.com.cn"})
_SSM = "ssm.amazonaws.com"
_SOURCES = frozenset({"aws:sourceaccount", "aws:sourcearn"})


@rule(
    id="ROLE-05",
    title="Only the right service becomes a node's role",
    severity=Severity.HIGH,
    may=(Severity.MEDIUM, Severity.LOW),
    over=node_roles,
    manual=(
        "the role is in use, and whom else it serves only you know: take every other principal out, and let "
        "ssm.amazonaws.com assume it with aws:SourceAccount alone (aws iam update-assume-role-policy --role-name NAME "
        "--policy-document FILE, or assume_role_policy in code)"
    ),
)
def trusts_the_right_service(role: "Role", context: Context) -> Verdict:
    """Whoever may assume a node's role acts as the node, and no session tells of it.

    EC2 nodes need ec2.amazonaws.com, hybrid nodes and Default Host Management ssm.amazonaws.com, the latter with
    aws:SourceAccount or aws:SourceArn, or another account's activation could use the role (low in baseline, medium in
    strict). A further service is medium, anybody else high.

    It cannot tell where the trust policy is not known, nor whom a condition on an otherwise open principal admits.

    Reference: AWS Systems Manager User Guide, "Create the IAM service role required for Systems Manager in hybrid and
    multicloud environments".
    """
    unbound = Severity.MEDIUM if context.thresholds.source_conditions_weigh else Severity.LOW
    checks = [check for each in role.trust for check in _admitted(each, unbound)]
    checks += gaps(role.trust.gap)
    passed = Passed(role.origin, "only the service that runs nodes may assume the role")
    return conclude(role.origin, checks, passed=passed, undecided="who may assume the role cannot be told")


def _admitted(each: "Statement", unbound: Severity) -> Iterator[Check]:
    effect = has_effect(each, "Allow")
    if is_no(effect):
        return
    if isinstance(effect, Unknown):
        yield effect
        return
    for principal in principals_of(each):
        if isinstance(principal, Unknown):
            yield principal
        else:
            yield from _judged(principal, each, unbound)


def _judged(principal: Principal, each: "Statement", unbound: Severity) -> Iterator[Check]:
    text = text_of(principal.name)
    if principal.kind == "Service":
        yield from _service(text, each, unbound)
    elif not isinstance(each.conditions, Absent) and (
        certainly(text, lambda name: name == "*") or isinstance(principal.name, Unknown)
    ):
        # Somebody who is not known may be everybody, whom a condition bounds.
        yield Unknown(Why.UNSUPPORTED, each.at, "whom the condition of the trust policy admits")
    else:
        yield Problem(
            each.at, f"the role may be assumed by {principal}, not by a service that runs nodes", Severity.HIGH
        )


def _service(text: Value[str], each: "Statement", unbound: Severity) -> Iterator[Check]:
    yield from gaps(text)
    if isinstance(text, Known) and text.value == _SSM:
        yield from _sources(each, unbound)
    elif isinstance(text, Known) and text.value not in _EC2:
        wider = f"the role may be assumed by {text.value} too, which runs no nodes"
        yield Problem(each.at, wider, Severity.MEDIUM)


def _sources(each: "Statement", unbound: Severity) -> Iterator[Check]:
    problem = Problem(each.at, f"{_SSM} may assume the role on behalf of any account: no source condition", unbound)
    match each.conditions:
        case Known(Record(operators, rest)):
            keys = [
                key.casefold()
                for member in operators.values()
                if isinstance(member, Known) and isinstance(member.value, Record)
                for key in member.value.members
            ]
            gaps = [member for member in operators.values() if isinstance(member, Unknown)]
            gaps += [
                member.value.rest
                for member in operators.values()
                if isinstance(member, Known) and isinstance(member.value, Record) and member.value.rest is not None
            ]
            if not _SOURCES & set(keys):
                yield next(iter(gaps), problem if rest is None else rest)
        case Absent():
            yield problem
        case Unknown() as gap:
            yield gap


_NO_ROLE = frozenset({"", "$None"})


@rule(
    id="ROLE-07",
    title="Node credentials guarded: IMDSv2, short hops, a role",
    severity=Severity.HIGH,
    may=(Severity.MEDIUM, Severity.LOW),
    over=ec2_nodes,
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
