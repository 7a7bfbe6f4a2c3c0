"""Hybrid activations; which nodes they have registered, and whether they have expired, AWS alone knows."""

from datetime import UTC, datetime
from typing import Any

from ssm_hardening.model import Activation
from ssm_hardening.sources.terraform.facts.naming import computed, head_of, id_of
from ssm_hardening.sources.terraform.facts.reading import argument_text, default, mapped, number
from ssm_hardening.sources.terraform.resources import Resource, Root
from ssm_hardening.values import Inventory, Known, Reference, Template, Unknown, Value, Why

TYPE = "aws_ssm_activation"


def activations_of(root: Root) -> Inventory[tuple[Resource, Activation]]:
    """Return every activation with its resource."""
    resources = root.resources(TYPE)
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
