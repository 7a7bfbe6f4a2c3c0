"""Sets: collections whose members have no places."""

from dataclasses import dataclass

from ssm_hardening.values import Items


@dataclass(frozen=True, slots=True)
class SetItems(Items):
    """The members of a set, in the order in which Terraform walks them: in a `for`, each is its own key."""
