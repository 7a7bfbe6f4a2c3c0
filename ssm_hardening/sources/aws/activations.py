"""Hybrid activations: what lets machines outside of EC2 register as nodes."""

from typing import Any

from ssm_hardening.model import Activation
from ssm_hardening.origins import ApiOrigin
from ssm_hardening.sources.aws import calls
from ssm_hardening.sources.aws.asking import Caller
from ssm_hardening.sources.aws.data import first_gap, sent, value_of
from ssm_hardening.sources.converting import number, switch
from ssm_hardening.values import Inventory, Known, Unknown, Value


def activations(caller: Caller) -> Inventory[Activation]:
    """Return the activations of the Region, expired ones included, by id."""
    call = calls.DESCRIBE_ACTIVATIONS
    found = caller.all(call, "ActivationList", caller.who.root)
    # An activation has no ARN of its own.
    read = [_activation(value_of(each, ApiOrigin(caller.who.root, str(call)))) for each in found]
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
