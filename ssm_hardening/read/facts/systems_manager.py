"""Systems Manager itself: its service settings, State Manager's associations, and hybrid activations."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from ssm_hardening.core.values import Absent, Inventory, Items, Known, Reference, Template, Unknown, Value, Why
from ssm_hardening.model import Activation, Association, ServiceSetting
from ssm_hardening.read.facts.arguments import argument_text, computed, default, head_of, id_of, mapped, number
from ssm_hardening.read.facts.gathering import gathered, texts
from ssm_hardening.read.graph import Config, Resource, Root

SETTING = "aws_ssm_service_setting"

_MARK = ":servicesetting"


def settings_of(root: Root) -> Inventory[tuple[Resource, ServiceSetting]]:
    """Return every declared setting with its resource."""
    resources = root.resources(SETTING)
    return Inventory(tuple((each, _setting(each)) for each in resources), resources.gap)


def _setting(resource: Resource) -> ServiceSetting:
    written = argument_text(resource.config.get("setting_id"), "setting_id")
    return ServiceSetting(
        **head_of(resource, mapped(written, _id_in_arn)),
        value=argument_text(resource.config.get("setting_value"), "setting_value"),
    )


def _id_in_arn(known: Known[Any]) -> Value[Any]:
    """Return the setting's id, which an ARN ends in, whatever holes its account and Region leave."""
    match known.value:
        case str() as text if _MARK in text:
            return Known(text.partition(_MARK)[2], known.at)
        case Template(parts=(*_, str() as tail)) if _MARK in tail:
            return Known(tail.partition(_MARK)[2], known.at)
        case _:
            return known


ASSOCIATION = "aws_ssm_association"


def associations_of(root: Root) -> Inventory[tuple[Resource, Association]]:
    """Return every association with its resource."""
    resources = root.resources(ASSOCIATION)
    return Inventory(tuple((each, _association(each)) for each in resources), resources.gap)


def _association(resource: Resource) -> Association:
    blocks = resource.config.blocks("targets")
    return Association(
        **head_of(resource, id_of(resource)),
        document=argument_text(resource.config.get("name"), "name"),
        targets=gathered((each for block in blocks for each in _target(block)), resource.at, gap=blocks.gap),
    )


def _target(block: Config) -> Iterator[Value[Any]]:
    """Yield `key=value,value`."""
    match argument_text(block.get("key"), "key"), texts(block.get("values"), "values"):
        case Known(str() as key, at), Known(Items(values, None)) if all(_is_plain(each) for each in values):
            yield Known(f"{key}={','.join(str(each.value) for each in values if isinstance(each, Known))}", at)
        case Unknown() as gap, _:
            yield gap
        case _, Unknown() as gap:
            yield gap
        case Absent(), _:
            return
        case _:
            yield Unknown(Why.COMPUTED, block.at, "what the association is aimed at")


def _is_plain(value: Value[Any]) -> bool:
    return isinstance(value, Known) and isinstance(value.value, str)


ACTIVATION = "aws_ssm_activation"


def activations_of(root: Root) -> Inventory[tuple[Resource, Activation]]:
    """Return every activation with its resource."""
    resources = root.resources(ACTIVATION)
    return Inventory(tuple((each, _activation(each)) for each in resources), resources.gap)


def _activation(resource: Resource) -> Activation:
    config = resource.config
    expires = argument_text(config.get("expiration_date"), "expiration_date")
    return Activation(
        **head_of(resource, id_of(resource)),
        role=argument_text(config.get("iam_role"), "iam_role"),
        # AWS sets a day from the creation where no date is written.
        expires=mapped(expires, _in_utc, absent=lambda _: computed(resource, "expiration_date")),
        expired=computed(resource, "expired"),
        used=computed(resource, "registration_count"),
        limit=default(number(config.get("registration_limit"), "registration_limit"), 1),
    )


def _in_utc(known: Known[Any]) -> Value[Any]:
    match known.value:
        case str() as text:
            try:
                moment = datetime.fromisoformat(text)
            except ValueError:
                return Unknown(Why.UNPARSEABLE, known.at, f"expiration_date: {text} is no date")
            zoned = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
            return Known(zoned.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), known.at)
        case Reference() | Template() as text:
            return Unknown(Why.COMPUTED, known.at, str(text))
        case other:
            return Unknown(Why.UNPARSEABLE, known.at, f"expiration_date: {other}")
