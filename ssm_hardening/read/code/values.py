"""Values that only Terraform's language has: sets, and expressions on which it certainly raises an error."""

from dataclasses import dataclass

from ssm_hardening.core.values import Items, Unknown


@dataclass(frozen=True, slots=True)
class Invalid(Unknown):
    """Terraform would refuse this expression; `try` and `can` go on to the next one.

    Everywhere else it is an Unknown like any other.
    """


@dataclass(frozen=True, slots=True)
class SetItems(Items):
    """The members of a set, in the order in which Terraform walks them: in a `for`, each is its own key."""
