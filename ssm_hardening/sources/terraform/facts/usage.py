"""Signs that Session Manager is in use, in what the files of a root say."""

from ssm_hardening.model import UsageSign
from ssm_hardening.sources.terraform.resources import Root
from ssm_hardening.values import Inventory, Unknown

_OF_ANY_SERVICE = frozenset({"aws_ssm_document", "aws_ssm_service_setting", "aws_ssm_activation"})
"""Words that make a root worth reading, though what they name may have nothing to do with sessions."""


def usage_signs(root: Root, gap: Unknown | None) -> Inventory[UsageSign]:
    """Return one sign for each place; `gap` says why there may be more.

    That there are documents says nothing beyond the documents themselves: those for Run Command are none of ours. The
    same holds for settings and activations.
    """
    literals = root.literals()
    found = sorted(
        (at, literal) for literal, places in literals.items() if literal not in _OF_ANY_SERVICE for at in places
    )
    return Inventory(tuple(UsageSign(literal, at) for at, literal in found), gap)
