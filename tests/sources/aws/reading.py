"""What a value says, for expectations."""

from ssm_hardening.values import Absent, Inventory, Items, Known, Record, Unknown


def plain(value: object) -> object:
    """Return a known value as plain data, None for what is absent, the reason for what is unknown."""
    match value:
        case Known(Record(members)):
            return {key: plain(each) for key, each in members.items()}
        case Known(Items(items)):
            return [plain(each) for each in items]
        case Known(inner):
            return inner
        case Absent():
            return None
        case Unknown(why):
            return why
        case _:
            return value


def only(inventory: Inventory[object] | tuple[object, ...]) -> object:
    (one,) = inventory
    return one
