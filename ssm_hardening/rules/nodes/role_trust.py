"""Who may become a node's role, and who on the node gets its credentials: ROLE-05 and ROLE-07."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from ssm_hardening.access.settings import find
from ssm_hardening.core.logic import Answer, ask, certainly, is_no, is_yes, setting, text_of
from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Absent, Known, Record, Unknown, Value, Why
from ssm_hardening.iam.analysis import has_effect
from ssm_hardening.iam.examples import stranger_allowed
from ssm_hardening.iam.principals import Principal, principals_of
from ssm_hardening.model import Account
from ssm_hardening.model.default_management import MANAGEMENT_ROLE, NO_ROLE
from ssm_hardening.rules.kit.checks import Check, Problem, conclude, gaps, headed, wrong
from ssm_hardening.rules.kit.sources import unsaid
from ssm_hardening.rules.kit.subjects import in_another_version
from ssm_hardening.rules.network.security_groups import ec2_nodes
from ssm_hardening.rules.nodes.node_roles import whole_node_roles
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
    title="Only the expected service can assume a node role",
    headline="Others can assume the node role",
    severity=Severity.HIGH,
    may=(Severity.MEDIUM, Severity.LOW),
    over=whole_node_roles,
    manual=(
        "the role is in use, and only you know who else needs it: remove every other principal from its trust policy, "
        "and let ssm.amazonaws.com assume it only with a condition on aws:SourceAccount (aws iam "
        "update-assume-role-policy --role-name NAME --policy-document FILE, or assume_role_policy in code)"
    ),
)
def trusts_the_right_service(role: "Role", context: Context) -> Verdict:
    """Anyone who can assume the role of a node can act as the node, and no session shows it.

    EC2 nodes need ec2.amazonaws.com. Hybrid nodes and Default Host Management need ssm.amazonaws.com, with a condition
    on aws:SourceAccount or aws:SourceArn; otherwise, an activation in another account could use the role (low in
    baseline, medium in strict). Any other service is medium; any other principal is high.

    Undecided when the trust policy is unknown, or when the principal is `*` and a condition limits it.

    Reference: AWS Systems Manager User Guide, "Create the IAM service role required for Systems Manager in hybrid and
    multicloud environments".
    """
    unbound = Severity.MEDIUM if context.thresholds.source_conditions_weigh else Severity.LOW
    checks = [check for each in role.trust for check in _admitted(each, role, unbound)]
    checks += gaps(role.trust.gap)
    passed = Passed(role.origin, "only the expected service can assume the role")
    return conclude(role.origin, checks, passed=passed, undecided="who can assume the role is unknown")


def _admitted(each: "Statement", role: "Role", unbound: Severity) -> Iterator[Check]:
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
            assumed = replace(stranger_allowed(each, str(principal)), resource=role.address)
            for check in _judged(principal, each, unbound):
                yield replace(check, example=assumed) if isinstance(check, Problem) else check


def _judged(principal: Principal, each: "Statement", unbound: Severity) -> Iterator[Check]:
    text = text_of(principal.name)
    if principal.kind == "Service":
        yield from _service(text, each, unbound)
    elif not isinstance(each.conditions, Absent) and (
        certainly(text, lambda name: name == "*") or isinstance(principal.name, Unknown)
    ):
        # A principal that is not known may be everyone, whom a condition limits.
        yield Unknown(Why.UNSUPPORTED, each.at, "which principals the condition of the trust policy admits")
    else:
        yield Problem(each.at, f"{principal} can assume the role, but is not a service that runs nodes", Severity.HIGH)


def _service(text: Value[str], each: "Statement", unbound: Severity) -> Iterator[Check]:
    yield from gaps(text)
    if isinstance(text, Known) and text.value == _SSM:
        yield from _sources(each, unbound)
    elif isinstance(text, Known) and text.value not in _EC2:
        wider = f"{text.value} can also assume the role, but does not run nodes"
        yield Problem(each.at, wider, Severity.MEDIUM, headline="Another service can assume the node role")


def _sources(each: "Statement", unbound: Severity) -> Iterator[Check]:
    wide = f"{_SSM} can assume the role on behalf of any account: the trust policy has no source condition"
    problem = Problem(each.at, wide, unbound, headline="Trust policy has no source condition")
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


@rule(
    id="ROLE-07",
    title="Nodes require IMDSv2, limit hops, and have a role",
    headline="IMDSv2 is not required",
    severity=Severity.HIGH,
    may=(Severity.MEDIUM, Severity.LOW),
    over=ec2_nodes,
    manual=(
        "software on the node may still use IMDSv1, which the CloudWatch metric MetadataNoToken counts; once it is "
        "zero, run aws ec2 modify-instance-metadata-options --instance-id ID --http-tokens required "
        "--http-put-response-hop-limit 1 (2 for containers), and set metadata_options in code"
    ),
)
def guards_its_credentials(node: "Instance", context: Context) -> Verdict:
    """Without IMDSv2, a server-side request forgery on the node is enough to steal the credentials of its role.

    Tokens must be required, and the hop limit must not exceed `hop_limit_max` of the standard (low). A node also needs
    a role, from its own instance profile or from Default Host Management, which works only with IMDSv2 (medium).
    If the metadata service is off, no token and no hop limit matters.

    Undecided when the metadata options, the instance profile, the service setting, or the version of the launch
    template in force is unknown.

    Reference: Amazon EC2 User Guide, "Use the Instance Metadata Service"; Security Hub control EC2.8.
    """
    off = ask(text_of(node.imds_endpoint), lambda text: text == "disabled", absent=False)
    checks = (
        *_metadata(node, context.thresholds.hop_limit_max, off),
        *headed("Node has no role", _role(node, context.account)),
        *in_another_version(node),
    )
    passed = Passed(node.imds_tokens.at, "IMDSv2 is required, the hop limit is low enough, and the node has a role")
    if is_yes(off):
        text = (
            "the metadata service is off, so nothing on the node can get credentials from it, and the node has a role"
        )
        passed = Passed(node.imds_endpoint.at, text)
    return conclude(node.origin, checks, passed=passed, undecided="whether its credentials are protected is unknown")


def _metadata(node: "Instance", most: int, off: Answer) -> Iterator[Check]:
    """Yield what is wrong with the metadata service; if it may be off, that is all that its other options depend on."""
    if is_yes(off):
        return
    tokens = wrong(
        text_of(node.imds_tokens),
        lambda text: "" if text == "required" else f"IMDSv2 is not required: http_tokens is {text}",
        absent="IMDSv2 is not required",
        severity=Severity.HIGH,
    )
    checks = (*tokens, *headed("Metadata hop limit is too high", _hops(node, most)))
    yield from (off if isinstance(off, Unknown) else each for each in checks)


def _hops(node: "Instance", most: int) -> Iterator[Check]:
    return wrong(
        node.imds_hop_limit,
        lambda hops: f"the metadata hop limit is {hops}; the maximum is {most}" if hops > most else "",
        severity=Severity.LOW,
    )


def _role(node: "Instance", account: Account) -> Iterator[Check]:
    """Look for a role: of the profile, or the one that Default Host Management provides."""
    profile = setting(node.profile)
    yield from gaps(profile)
    if isinstance(profile, Absent):
        yield from _default_management(account, profile.at)


_NOTHING = "it has no instance profile, and Default Host Management provides no role: sessions cannot reach it"


def _default_management(account: Account, at: Origin) -> Iterator[Check]:
    found = find(account, MANAGEMENT_ROLE)
    if found is None:
        yield unsaid(account, "whether Default Host Management provides a role")
    elif isinstance(found, Unknown):
        yield found
    else:
        role, weight = text_of(found.value), Severity.MEDIUM
        yield from wrong(
            role, lambda name: _NOTHING if name in NO_ROLE else "", absent=_NOTHING, severity=weight, at=at
        )
