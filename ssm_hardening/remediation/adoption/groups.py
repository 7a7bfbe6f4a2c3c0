"""A log group of the account as a call of module `log-group`."""

from ssm_hardening.core.values import Known
from ssm_hardening.model import LogGroup
from ssm_hardening.remediation.adoption.adopted import Adopted, imports
from ssm_hardening.remediation.adoption.ownership import Holdings, NotAdoptableError, texts
from ssm_hardening.remediation.plan import ModuleInput

MODULE = "log-group"
RESOURCE = "aws_cloudwatch_log_group.this"
_KIND = "aws_cloudwatch_log_group"


def adopt_group(
    group: LogGroup, holdings: Holdings, *, label: str, key: ModuleInput = None, days: int | None = None
) -> Adopted:
    """Return the call and the import.

    `key` is the customer key it is to get, `days` the retention where it is to be kept longer; None leaves either as it
    is. Raises NotAdoptableError where something of the group would be lost.
    """
    holdings.demand_read()
    if not isinstance(group.name, Known) or not holdings.has(_KIND):
        raise NotAdoptableError("the account shows no such log group")
    now = holdings.data(_KIND, "retentionInDays")
    kept = now if isinstance(now, int) else 0
    inputs: dict[str, ModuleInput] = {
        "name": str(group.name.value),
        "kms_key_arn": holdings.data(_KIND, "kmsKeyId") if key is None else key,
        "retention_in_days": kept if days is None or kept == 0 else max(kept, days),
    }
    tags = texts(holdings.data(_KIND, "tags"))
    if tags:
        inputs["tags"] = tags
    closes = [rule for rule, asked in (("CW-02", key is not None), ("CW-03", days is not None)) if asked]
    return Adopted(
        fact=group,
        label=label,
        module=MODULE,
        resource=RESOURCE,
        inputs=inputs,
        imports=imports(label, {_KIND: RESOURCE}, holdings),
        closes=tuple(closes),
    )
