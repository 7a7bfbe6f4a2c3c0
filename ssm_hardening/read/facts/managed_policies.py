"""Managed policies that the code declares, and what can be said of those that it only names."""

from dataclasses import dataclass, replace
from typing import Any

from ssm_hardening.core.values import Absent, Inventory, Items, Known, Text, Unknown, Value, Why
from ssm_hardening.iam.statements import Statement, managed_policy
from ssm_hardening.model import Policy
from ssm_hardening.model.joins import Elsewhere, Found, Uncertain, join
from ssm_hardening.read.facts.gathering import joined
from ssm_hardening.read.facts.index import Objects

_AWS_OWN = ":iam::aws:policy/"


@dataclass(frozen=True, slots=True)
class ManagedPolicies:
    """The customer managed policies of a root; `gap` says why there may be more."""

    policies: Objects[Policy]
    gap: Unknown | None

    def statements(self, arns: Value[Items]) -> Inventory[Statement]:
        """Return what the policies of these ARNs say together; one that is not in the code is a gap that names it."""
        match arns:
            case Known(Items(members, rest)):
                return joined(map(self._of, members), gap=rest)
            case Unknown() as gap:
                return Inventory((), gap)
            case Absent():
                return Inventory()

    def of_boundary(self, boundary: Value[Any]) -> Inventory[Statement]:
        """Return what a permissions boundary says; nothing where there is none."""
        match boundary:
            case Absent():
                return Inventory()
            case Unknown() as gap:
                return Inventory((), gap)
            case Known(at=at):
                return self.statements(Known(Items((boundary,)), at))

    def _of(self, arn: Value[Any]) -> Inventory[Statement]:
        match arn:
            case Known(name, at) if _AWS_OWN in str(name):
                shipped = managed_policy(_in_a_partition(name))
                if shipped is not None:
                    return shipped.statements
                return Inventory((), Unknown(Why.OUT_OF_SCOPE, at, f"the statements of {name} are not in the code"))
            case Known() | Unknown():
                return self._found(arn)
            case Absent():
                return Inventory()

    def _found(self, arn: Known[Any] | Unknown) -> Inventory[Statement]:
        match join(arn, Inventory(tuple(self.policies.candidates(arn)), self.gap)):
            case Found(policy):
                return policy.statements
            case Elsewhere(name):
                return Inventory((), Unknown(Why.OUT_OF_SCOPE, arn.at, f"the statements of {name} are not in the code"))
            case Uncertain(gap):
                return Inventory((), replace(gap, one_of=()))


def _in_a_partition(name: Text) -> str:
    """Return the ARN of a policy of AWS's; which partition stands in it makes no difference to what it says."""
    return f"arn:aws{_AWS_OWN}{str(name).partition(_AWS_OWN)[2]}"
