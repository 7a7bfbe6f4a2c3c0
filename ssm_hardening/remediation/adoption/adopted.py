"""What an adoption comes to: the module call, the imports, and what is left for a person."""

from collections.abc import Mapping
from dataclasses import dataclass

from ssm_hardening.model import Fact
from ssm_hardening.remediation.adoption.ownership import Holdings
from ssm_hardening.remediation.plan import Import, ModuleInput


@dataclass(frozen=True, slots=True)
class Left:
    """A gap of an adopted object that the module call does not close, and why."""

    rule: str
    what: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopted:
    """An object of the account as a module call: `resource` is its address in the module (`aws_s3_bucket.this`).

    `closes` are the rules that the call closes, `left` what stays open.
    """

    fact: Fact
    label: str
    module: str
    resource: str
    inputs: Mapping[str, ModuleInput]
    imports: tuple[Import, ...]
    closes: tuple[str, ...]
    left: tuple[Left, ...] = ()
    depends_on: tuple[str, ...] = ()

    @property
    def address(self) -> str:
        """The object's address in the root module."""
        return f"module.{self.label}.{self.resource}"


def imports(label: str, places: Mapping[str, str], holdings: Holdings) -> tuple[Import, ...]:
    """Return an import for each part that exists and that the module declares; `places` maps types to addresses."""
    return tuple(
        Import(to=f"module.{label}.{place}", id=holdings.parts[kind].import_id, of=holdings.parts[kind].of)
        for kind, place in places.items()
        if kind in holdings.parts
    )
