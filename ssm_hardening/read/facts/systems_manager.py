"""Systems Manager itself: its service settings, State Manager's associations, and hybrid activations."""

from datetime import UTC, datetime

from ssm_hardening.core.values import Absent, Inventory, Items, Known, Template, Text, Unknown, Value, Why
from ssm_hardening.model import Activation, Association, ServiceSetting
from ssm_hardening.read.converting import by_branch, default
from ssm_hardening.read.facts.arguments import (
    computed,
    fact_of,
    number_in,
    numbered_fact,
    read_each,
    text_in,
    texts_in,
)
from ssm_hardening.read.facts.attachments import gathered
from ssm_hardening.read.graph import Config, Resource, Root

SETTING = "aws_ssm_service_setting"

_MARK = ":servicesetting"


def settings_of(root: Root) -> Inventory[tuple[Resource, ServiceSetting]]:
    """Return every declared setting with its resource."""
    return read_each(root.resources(SETTING), _setting)


def _setting(resource: Resource) -> ServiceSetting:
    fact = fact_of(resource, by_branch(text_in(resource.config, "setting_id"), _id_in_arn))
    return ServiceSetting(
        address=fact.address,
        declaration=fact.declaration,
        origin=fact.origin,
        name=fact.name,
        exists=fact.exists,
        value=text_in(resource.config, "setting_value"),
    )


def _id_in_arn(known: Known[Text]) -> Value[Text]:
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
    return read_each(root.resources(ASSOCIATION), _association)


def _association(resource: Resource) -> Association:
    fact, blocks = numbered_fact(resource), resource.config.blocks("targets")
    return Association(
        address=fact.address,
        declaration=fact.declaration,
        origin=fact.origin,
        name=fact.name,
        exists=fact.exists,
        document=text_in(resource.config, "name"),
        targets=gathered(map(_target, blocks), resource.at, gap=blocks.gap),
    )


def _target(block: Config) -> Value[Text]:
    """Return `key=value,value`; Absent where the block names no key."""
    key, values = text_in(block, "key"), texts_in(block, "values")
    match key, values:
        case (Unknown() as gap, _) | (_, Unknown() as gap):
            return gap
        case Absent(), _:
            return key
        case Known(str() as name, at), Known(Items(members, None)):
            plain = [each.value for each in members if isinstance(each, Known) and isinstance(each.value, str)]
            if len(plain) == len(members):
                return Known(f"{name}={','.join(plain)}", at)
        case _:
            pass
    return Unknown(Why.COMPUTED, block.at, "the targets of the association")


ACTIVATION = "aws_ssm_activation"


def activations_of(root: Root) -> Inventory[tuple[Resource, Activation]]:
    """Return every activation with its resource."""
    return read_each(root.resources(ACTIVATION), _activation)


def _activation(resource: Resource) -> Activation:
    config, fact = resource.config, numbered_fact(resource)
    return Activation(
        address=fact.address,
        declaration=fact.declaration,
        origin=fact.origin,
        name=fact.name,
        exists=fact.exists,
        role=text_in(config, "iam_role"),
        # AWS sets a day from the creation where no date is written.
        expires=by_branch(
            text_in(config, "expiration_date"), _in_utc, absent=lambda _: computed(resource, "expiration_date")
        ),
        expired=computed(resource, "expired"),
        used=computed(resource, "registration_count"),
        limit=default(number_in(config, "registration_limit"), 1),
    )


def _in_utc(known: Known[Text]) -> Value[Text]:
    match known.value:
        case str() as text:
            try:
                moment = datetime.fromisoformat(text)
            except ValueError:
                return Unknown(Why.UNPARSEABLE, known.at, f"expiration_date: {text} is not a valid date")
            zoned = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
            return Known(zoned.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), known.at)
        case other:
            return Unknown(Why.COMPUTED, known.at, str(other))
