"""Systems Manager itself: its service settings, State Manager's associations, and hybrid activations."""

from collections.abc import Sequence
from functools import partial
from typing import TypeVar

from ssm_hardening.core.logic import chained, mapped
from ssm_hardening.core.origins import ApiOrigin
from ssm_hardening.core.values import Absent, Datum, Inventory, Items, Known, Record, Text, Unknown, Value
from ssm_hardening.model import Activation, Association, Fact, ServiceSetting
from ssm_hardening.model.default_management import MANAGEMENT_ROLE
from ssm_hardening.read.converting import number, record, switch
from ssm_hardening.read.live import calls
from ssm_hardening.read.live.answers import answered, entries, first_gap, given, listed_in, sent, value_of
from ssm_hardening.read.live.asking import AwsApi

IDS = (
    "/ssm/documents/console/public-sharing-permission",
    "/ssm/managed-instance/activation-tier",
    MANAGEMENT_ROLE,
)

F = TypeVar("F", bound=Fact)

_NONE = "$None"
"""What AWS says where a setting has neither a value nor a default."""


def settings(aws: AwsApi) -> Inventory[ServiceSetting]:
    """Return the settings; one that could not be read is there, with an Unknown value."""
    return Inventory(aws.each(partial(_setting, aws), IDS))


def _setting(aws: AwsApi, id_: str) -> ServiceSetting:
    arn = aws.who.arn("ssm", f"servicesetting{id_}")
    answer = answered(aws.ask(calls.GET_SERVICE_SETTING, arn, {"SettingId": id_}))
    at = calls.GET_SERVICE_SETTING.at(arn)
    return ServiceSetting(
        address=arn,
        declaration=arn,
        origin=at,
        name=Known(id_, at),
        exists=Known(True, at),
        value=_value(sent(answer, "ServiceSetting", convert=record)),
    )


def _value(setting: Value[Record]) -> Value[Text]:
    """Return the value; `defaulted` where nobody set it, Absent where AWS has no default for it either."""
    by_default = given(setting, "Status") == Known("Default", setting.at)

    def read(known: Known[Text]) -> Value[Text]:
        return Absent(known.at) if known.value == _NONE else Known(known.value, known.at, defaulted=by_default)

    return chained(sent(setting, "SettingValue"), read)


def associations(aws: AwsApi) -> Inventory[Association]:
    """Return the associations of the Region, by id."""
    call = calls.LIST_ASSOCIATIONS
    at = call.at(aws.who.root)
    found = entries(aws.all(call, "Associations", aws.who.root), at)
    read = [_association(aws, each) for each in found]
    return _by_id(read, found.gap)


def _association(aws: AwsApi, entry: Value[Datum]) -> Association:
    id_ = sent(entry, "AssociationId")
    resource = f"association/{id_.value}" if isinstance(id_, Known) else "association"
    origin = calls.LIST_ASSOCIATIONS.at(aws.who.arn("ssm", resource))
    return Association(
        address=origin.arn,
        declaration=origin.arn,
        origin=origin,
        name=id_,
        exists=Known(True, origin),
        document=sent(entry, "Name"),
        targets=_targets(entry, origin),
    )


def _targets(entry: Value[Datum], at: ApiOrigin) -> Value[Items]:
    """Return each target as `key=value,value`; an association made for one instance names that alone."""
    found = listed_in(entry, "Targets")
    told = [_target(each, at) for each in found]
    instance = mapped(given(entry, "InstanceId"), lambda id_: f"InstanceIds={id_}")
    alone = () if isinstance(instance, Absent) else (instance,)
    return Known(Items((*told, *alone), found.gap), at)


def _target(each: Value[Datum], at: ApiOrigin) -> Value[Text]:
    key, values = sent(each, "Key"), listed_in(each, "Values")
    gap = first_gap(key, values.gap)
    if gap is not None:
        return gap
    texts = ",".join(str(value.value) for value in values if isinstance(value, Known))
    return Known(f"{key.value}={texts}" if isinstance(key, Known) else texts, at)


def activations(aws: AwsApi) -> Inventory[Activation]:
    """Return the activations of the Region, expired ones included, by id."""
    call = calls.DESCRIBE_ACTIVATIONS
    found = aws.all(call, "ActivationList", aws.who.root)
    # An activation has no ARN of its own.
    read = [_activation(value_of(each, call.at(aws.who.root))) for each in found]
    return _by_id(read, found.gap)


def _by_id(facts: Sequence[F], gap: Unknown | None) -> Inventory[F]:
    """Return the facts by address; one without an id is a gap."""
    ordered = sorted(facts, key=lambda each: each.address)
    return Inventory(tuple(ordered), first_gap(gap, *(each.name for each in facts)))


def _activation(entry: Value[Datum]) -> Activation:
    id_ = sent(entry, "ActivationId")
    address = str(id_.value) if isinstance(id_, Known) else "activation without an ID"
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
