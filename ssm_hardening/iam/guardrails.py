"""Service and resource control policies as limits of what all other policies allow."""

from dataclasses import dataclass, field

from ssm_hardening.core.values import Inventory
from ssm_hardening.iam.actions import service_of
from ssm_hardening.iam.statements import Statement

_SUPPORTED = (
    "aoss appconfig appstream autoscaling autoscaling-plans budgets clouddirectory cloudfront cloudsearch "
    "cloudtrail-data codeartifact codebuild codecommit codepipeline cognito-identity cognito-idp comprehend "
    "comprehendmedical compute-optimizer cost-optimization-hub dax dsql dynamodb ecr ecr-public events firehose fis "
    "fms gamelift health inspector-scan kendra kinesisvideo kms logs memorydb networkmonitor notifications opensearch "
    "pca-connector-ad personalize polly pricing resource-groups rolesanywhere s3 secretsmanager servicediscovery "
    "signin sqs sts support swf textract timestream-influxdb transcribe transfer translate wafv2 workspaces xray"
)
OF_RESOURCES = frozenset(f"{service}:" for service in _SUPPORTED.split())
"""The services to whose actions resource control policies apply: Systems Manager, IAM, and EC2 are not among them.

Source: AWS Organizations User Guide, "Resource control policies (RCPs)", as it was on 2026-09-26."""

_EXEMPT = "kms:retiregrant"
"""What no resource control policy restricts. Source: the same page."""


@dataclass(frozen=True, slots=True)
class Guardrail(Inventory[Statement]):
    """Statements of service or resource control policies; `title` is what they are called.

    `only_denies`: what they do not allow is not denied. `of_resources`: they are those of resource control policies.
    """

    title: str = field(default="a guardrail", kw_only=True)
    only_denies: bool = field(default=False, kw_only=True)
    of_resources: bool = field(default=False, kw_only=True)

    def bears_on(self, action: str) -> bool:
        """Say whether it limits who may do this."""
        return not self.of_resources or (service_of(action) in OF_RESOURCES and action.casefold() != _EXEMPT)


def guardrail(limit: Inventory[Statement]) -> Guardrail:
    """Return a limit as a guardrail: one of which nothing more is known must allow, whatever is asked."""
    return limit if isinstance(limit, Guardrail) else Guardrail(limit.items, limit.gap)
