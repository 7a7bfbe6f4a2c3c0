"""State Manager associations: what Systems Manager does to nodes, which their role must go on to allow."""

from typing import Any

from ssm_hardening.model import Association
from ssm_hardening.origins import ApiOrigin
from ssm_hardening.sources.aws import calls
from ssm_hardening.sources.aws.asking import Caller
from ssm_hardening.sources.aws.data import entries, first_gap, given, listed_in, sent
from ssm_hardening.values import Inventory, Items, Known, Text, Unknown, Value


def associations(caller: Caller) -> Inventory[Association]:
    """Return the associations of the Region, by id."""
    call = calls.LIST_ASSOCIATIONS
    at = ApiOrigin(caller.who.root, str(call))
    found = entries(caller.all(call, "Associations", caller.who.root), at)
    read = [_association(caller, each) for each in found]
    unnamed = [each.name for each in read if isinstance(each.name, Unknown)]
    return Inventory(tuple(sorted(read, key=lambda each: each.address)), first_gap(found.gap, *unnamed))


def _association(caller: Caller, entry: Value[Any]) -> Association:
    id_ = sent(entry, "AssociationId")
    resource = f"association/{id_.value}" if isinstance(id_, Known) else "association"
    origin = ApiOrigin(caller.who.arn("ssm", resource), str(calls.LIST_ASSOCIATIONS))
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
