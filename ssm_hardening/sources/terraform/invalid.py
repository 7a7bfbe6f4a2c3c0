"""An expression on which Terraform certainly raises an error."""

from dataclasses import dataclass

from ssm_hardening.values import Unknown


@dataclass(frozen=True, slots=True)
class Invalid(Unknown):
    """Terraform would refuse this expression; `try` and `can` go on to the next one.

    Everywhere else it is an Unknown like any other.
    """
