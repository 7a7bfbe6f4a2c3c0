"""Instance profiles: which role stands behind the name that an instance carries."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ssm_hardening.sources.terraform.facts.naming import name_of
from ssm_hardening.sources.terraform.facts.reading import argument_text, mapped
from ssm_hardening.sources.terraform.resources import Root
from ssm_hardening.values import Known, Reference, Unknown, Value, Why

TYPE = "aws_iam_instance_profile"

_ARN = ":instance-profile/"


@dataclass(frozen=True, slots=True)
class Profiles:
    """The roles of instance profiles, by the profiles' addresses and literal names."""

    roles: Mapping[str, Value[Any]]

    def role_of(self, profile: Value[Any]) -> Value[Any]:
        """Return the role that a profile stands for; Absent where none is named, or the profile has none."""
        return mapped(profile, self._role_of)

    def _role_of(self, named: Known[Any]) -> Value[Any]:
        match named.value:
            case Reference(address=key) | str(key) if key in self.roles:
                return self.roles[key]
            case other:
                return Unknown(Why.COMPUTED, named.at, f"the role of the instance profile {other}")


def profiles_of(root: Root) -> Profiles:
    """Return the instance profiles that a root declares."""
    roles: dict[str, Value[Any]] = {}
    for each in root.resources(TYPE):
        role = argument_text(each.config.get("role"), "role")
        roles[each.address] = role
        match name_of(each, "name"):
            case Known(str() as name):
                roles[name] = role
            case _:
                pass
    return Profiles(roles)


def profile_name(profile: Value[Any]) -> Value[Any]:
    """Return the name of a profile that may be given as an ARN, as launch templates do."""

    def name(known: Known[Any]) -> Value[Any]:
        match known.value:
            case str() as text if _ARN in text:
                return Known(text.rpartition("/")[2], known.at)
            case _:
                return known

    return mapped(profile, name)
