"""What may be done through an endpoint: NET-05."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ssm_hardening.access.endpoints import is_for
from ssm_hardening.access.requests import listed, of_account
from ssm_hardening.core.logic import Answer, every, is_no, is_yes, negated, some
from ssm_hardening.core.values import Inventory, Known, Template, Text, Unknown, Why
from ssm_hardening.iam.analysis import has_effect, is_unconditional, may_limit
from ssm_hardening.iam.decisions import Allowed, Denied, Policies, Request, Undetermined, decide, own_arn, surely
from ssm_hardening.iam.examples import stranger_allowed
from ssm_hardening.iam.principals import speaks_of_everybody
from ssm_hardening.iam.requests import CALLER_REGION, joined, partition_of
from ssm_hardening.iam.texts import matches, members
from ssm_hardening.model import Account
from ssm_hardening.rules.kit.checks import Check, Problem, conclude, gaps
from ssm_hardening.rules.network.endpoints import session_endpoints
from ssm_hardening.rules.registry import Context, rule
from ssm_hardening.verdicts.findings import Passed, Severity, Verdict

if TYPE_CHECKING:
    # Loaded on demand: the pre-commit check, which reads code, never needs them.
    from ssm_hardening.iam.statements import Statement
    from ssm_hardening.model import VpcEndpoint

_SAMPLE = "anything:at-all"
"""What only a pattern for everything matches."""


@rule(
    id="NET-05",
    title="Endpoint policies do not allow everything",
    headline="Endpoint policy allows everything",
    severity=Severity.MEDIUM,
    over=session_endpoints,
    remedy="private-endpoints",
)
def bounds_what_passes(endpoint: "VpcEndpoint", context: Context) -> Verdict:
    """An endpoint that lets everyone do everything can be used to copy data to any other AWS account, unnoticed.

    If you do not set a policy, AWS attaches one that allows all actions for all principals. Set a policy that limits
    principals, resources, or actions, or that has a condition. The policy of an S3 endpoint must still let agents read
    the buckets that AWS owns, such as amazon-ssm-REGION; otherwise, agent updates and patching stop.

    Undecided when the policy is unknown.

    Reference: AWS PrivateLink Guide, "Control access to VPC endpoints using endpoint policies"; AWS Systems Manager
    User Guide, "SSM Agent communications with AWS managed S3 buckets".
    """
    checks = (*_unbounded(endpoint), *_aws_buckets(endpoint, context.account))
    passed = Passed(endpoint.origin, "its policy limits what can be done through it")
    return conclude(endpoint.origin, checks, passed=passed, undecided="what can be done through it is unknown")


def _unbounded(endpoint: "VpcEndpoint") -> Iterator[Check]:
    statements = endpoint.statements
    for each in statements:
        answer = every(_is_everything(each, statements), each.at)
        if isinstance(answer, Unknown):
            yield answer
        elif is_yes(answer):
            default = " (the AWS default)" if isinstance(each.effect, Known) and each.effect.defaulted else ""
            text = f"its policy allows everything to everyone, in any account{default}"
            yield Problem(each.at, text, unless=statements.gap, example=stranger_allowed(each, "everybody"))
    yield from gaps(statements.gap)


def _is_everything(each: "Statement", statements: "Inventory[Statement]") -> Iterator[Answer]:
    yield has_effect(each, "Allow")
    yield is_unconditional(each)
    yield some((matches(item, _SAMPLE) for item in members(each.actions)), each.at)
    yield some((matches(item, _SAMPLE) for item in members(each.resources)), each.at)
    yield speaks_of_everybody(each)
    yield negated(some((may_limit(other, each) for other in statements if other is not each), each.at))


def _aws_buckets(endpoint: "VpcEndpoint", account: Account) -> Iterator[Check]:
    """Look whether agents still get at AWS's own buckets, through the endpoint of S3."""
    serves = is_for(endpoint, "s3")
    if is_no(serves):
        return
    node = own_arn("iam", "role/any-node", account.account, account.region, regional=False)
    request = Request(
        action="s3:GetObject",
        resource=_bucket(account),
        account=account.account,
        region=account.region,
        context={"aws:securetransport": listed(account.at, "true"), **of_account(account)},
        principal=Known(node, endpoint.origin),
    )
    match surely(decide(request, Policies(identity=Inventory(), resource=endpoint.statements))):
        case Allowed():
            return
        case Denied() if is_yes(serves):
            text = "its policy blocks the buckets of AWS (amazon-ssm-REGION): agent updates and patching stop"
            yield Problem(endpoint.origin, text, headline="Endpoint policy blocks agent updates")
        case Denied():
            yield Unknown(Why.COMPUTED, endpoint.origin, "whether this is an S3 endpoint")
        case Undetermined(why):
            yield why


def _bucket(account: Account) -> Text:
    region = account.region.value if isinstance(account.region, Known) else CALLER_REGION
    parts = region.parts if isinstance(region, Template) else (region,)
    return joined(f"arn:{partition_of(account.region)}:s3:::amazon-ssm-", *parts, "/any")
