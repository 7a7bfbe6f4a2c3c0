"""The service settings of Systems Manager that sessions and hybrid nodes depend on."""

from functools import partial
from typing import Any

from ssm_hardening.model import ServiceSetting
from ssm_hardening.origins import ApiOrigin
from ssm_hardening.sources.aws import calls
from ssm_hardening.sources.aws.asking import Caller
from ssm_hardening.sources.aws.data import answered, given, sent
from ssm_hardening.sources.converting import mapped, record
from ssm_hardening.values import Absent, Inventory, Known, Value

IDS = (
    "/ssm/documents/console/public-sharing-permission",
    "/ssm/managed-instance/activation-tier",
    "/ssm/managed-instance/default-ec2-instance-management-role",
)

_NONE = "$None"
"""What AWS says where a setting has neither a value nor a default."""


def settings(caller: Caller) -> Inventory[ServiceSetting]:
    """Return the settings; one that could not be read is there, with an Unknown value."""
    return Inventory(caller.each(partial(_setting, caller), IDS))


def _setting(caller: Caller, id_: str) -> ServiceSetting:
    arn = caller.who.arn("ssm", f"servicesetting{id_}")
    answer = answered(caller.ask(calls.GET_SERVICE_SETTING, arn, {"SettingId": id_}))
    at = ApiOrigin(arn, str(calls.GET_SERVICE_SETTING))
    return ServiceSetting(
        address=arn,
        declaration=arn,
        origin=at,
        name=Known(id_, at),
        exists=Known(True, at),
        value=_value(sent(answer, "ServiceSetting", convert=record)),
    )


def _value(setting: Value[Any]) -> Value[Any]:
    """Return the value; `defaulted` where nobody set it, Absent where AWS has no default for it either."""
    by_default = given(setting, "Status") == Known("Default", setting.at)

    def read(known: Known[Any]) -> Value[Any]:
        return Absent(known.at) if known.value == _NONE else Known(known.value, known.at, defaulted=by_default)

    return mapped(sent(setting, "SettingValue"), read)
