"""`data.aws_iam_policy` of a policy of AWS's: which one it means, and what that says."""

from ssm_hardening.core.logic import known_or, literal
from ssm_hardening.core.origins import CodeOrigin
from ssm_hardening.core.values import Absent, Datum, Encoded, Known, Value
from ssm_hardening.iam.requests import partition_of
from ssm_hardening.iam.statements import managed_arn, managed_document
from ssm_hardening.read.graph import Config


def shipped_policy(config: Config, name: str, region: Value[Datum], at: CodeOrigin) -> Value[Datum] | None:
    """Return an attribute of a policy that is looked up by ARN or by name; None where the tool does not carry it.

    The name of a policy of AWS's is taken to mean that policy: with one of the account's own of the same name, the data
    source would find two and fail.
    """
    arn = _arn(config, region)
    document = None if arn is None else managed_document(arn)
    if arn is None or document is None:
        return None
    match name:
        case "arn" | "id":
            return Known(arn, at)
        case "name":
            return Known(arn.rpartition("/")[2], at)
        case "policy":
            return Known(Encoded("json", document), at)
        case _:
            return None


def _arn(config: Config, region: Value[Datum]) -> str | None:
    written, called, path = (config.get(each) for each in ("arn", "name", "path_prefix"))
    if not isinstance(written, Absent):
        return literal(written)
    name, prefix = literal(called), literal(path)
    if name is None or (prefix is None and not isinstance(path, Absent)):
        return None
    text = known_or(region, None)
    partition = partition_of(Known(text, region.at) if isinstance(text, str) else Absent(region.at))
    return managed_arn(name, prefix or "", partition)
