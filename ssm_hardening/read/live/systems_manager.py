"""Systems Manager itself: its service settings, State Manager's associations, and hybrid activations."""

from functools import partial
from typing import Any

from ssm_hardening.core.origins import ApiOrigin
from ssm_hardening.core.values import Absent, Inventory, Items, Known, Text, Unknown, Value
from ssm_hardening.model import Activation, Association, ServiceSetting
from ssm_hardening.read.converting import mapped, number, record, switch
from ssm_hardening.read.live import calls
from ssm_hardening.read.live.answers import answered, entries, first_gap, given, listed_in, sent, value_of
from ssm_hardening.read.live.asking import AwsApi

IDS = (
    "/ssm/documents/console/public-sharing-permission",
    "/ssm/managed-instance/activation-tier",
    "/ssm/managed-instance/default-ec2-instance-management-role",
)

_NONE = "$None"
"""What AWS says where a setting has neither a value nor a default."""


def settings(aws: AwsApi) -> Inventory[ServiceSetting]:
    """Return the settings; one that could not be read is there, with an Unknown value."""
    return Inventory(aws.each(partial(_setting, aws), IDS))


def _setting(aws: AwsApi, id_: str) -> ServiceSetting:
    arn = aws.who.arn("ssm", f"servicesetting{id_}")
    answer = answered(aws.ask(calls.GET_SERVICE_SETTING, arn, {"SettingId": id_}))
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


def associations(aws: AwsApi) -> Inventory[Association]:
    """Return the associations of the Region, by id."""
    call = calls.LIST_ASSOCIATIONS
    at = ApiOrigin(aws.who.root, str(call))
    found = entries(aws.all(call, "Associations", aws.who.root), at)
    read = [_association(aws, each) for each in found]
    unnamed = [each.name for each in read if isinstance(each.name, Unknown)]
    return Inventory(tuple(sorted(read, key=lambda each: each.address)), first_gap(found.gap, *unnamed))


def _association(aws: AwsApi, entry: Value[Any]) -> Association:
    id_ = sent(entry, "AssociationId")
    resource = f"association/{id_.value}" if isinstance(id_, Known) else "association"
    origin = ApiOrigin(aws.who.arn("ssm", resource), str(calls.LIST_ASSOCIATIONS))
    return Association(
        address=origin.arn,
        declaration=origin.arn,
        origin=origin,
        name=id_,
        exists=Known(True, origin),
        document=sent(entry, "Name"),
        targets=_targets(entry, origin),
    )


def _targets(entry: Value[Any], at: ApiOrigin) -> Value[Items]:
    """Return each target as `key=value,value`; an association made for one instance names that alone."""
    found = listed_in(entry, "Targets")
    told = [_target(each, at) for each in found]
    match given(entry, "InstanceId"):
        case Known(id_, where):
            told.append(Known(f"InstanceIds={id_}", where))
        case Unknown() as gap:
            told.append(gap)
        case _:
            pass
    return Known(Items(tuple(told), found.gap), at)


def _target(each: Value[Any], at: ApiOrigin) -> Value[Text]:
    key, values = sent(each, "Key"), listed_in(each, "Values")
    if isinstance(key, Unknown):
        return key
    if values.gap is not None:
        return values.gap
    texts = ",".join(str(value.value) for value in values if isinstance(value, Known))
    return Known(f"{key.value}={texts}" if isinstance(key, Known) else texts, at)


def activations(aws: AwsApi) -> Inventory[Activation]:
    """Return the activations of the Region, expired ones included, by id."""
    call = calls.DESCRIBE_ACTIVATIONS
    found = aws.all(call, "ActivationList", aws.who.root)
    # An activation has no ARN of its own.
    read = [_activation(value_of(each, ApiOrigin(aws.who.root, str(call)))) for each in found]
    unnamed = [each.name for each in read if isinstance(each.name, Unknown)]
    ordered = sorted(read, key=lambda each: each.address)
    return Inventory(tuple(ordered), first_gap(found.gap, *unnamed))


def _activation(entry: Value[Any]) -> Activation:
    id_ = sent(entry, "ActivationId")
    address = str(id_.value) if isinstance(id_, Known) else "activation without an id"
    return Activation(
        address=address,
        declaration=address,
        origin=entry.at,
        name=id_,
        exists=Known(True, entry.at),
        role=sent(entry, "IamRole"),
        expires=sent(entry, "ExpirationDate"),
        expired=sent(entry, "Expired", convert=switch),
        used=sent(entry, "RegistrationsCount", convert=number),
        limit=sent(entry, "RegistrationLimit", convert=number),
    )
