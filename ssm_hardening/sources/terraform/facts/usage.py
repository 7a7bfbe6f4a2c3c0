"""Signs that Session Manager is in use, in what the files of a root say."""

from ssm_hardening.model import UsageSign
from ssm_hardening.sources.terraform.resources import Root
from ssm_hardening.values import Inventory, Unknown


def usage_signs(root: Root, gap: Unknown | None) -> Inventory[UsageSign]:
    """Return one sign for each place; `gap` says why there may be more."""
    found = sorted((at, literal) for literal, places in root.literals().items() for at in places)
    return Inventory(tuple(UsageSign(literal, at) for at, literal in found), gap)
