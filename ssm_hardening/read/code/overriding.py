"""Resources of a module of which an override file was not read: it may replace any argument."""

from dataclasses import dataclass

from ssm_hardening.core.origins import CodeOrigin
from ssm_hardening.core.values import Datum, Inventory, Known, Unknown, Value
from ssm_hardening.read.code.config import BlockConfig
from ssm_hardening.read.graph import Config

_ABOUT = frozenset({
    "bucket", "bucket_prefix", "key_id", "target_key_id", "log_group_name", "role", "user", "group",
    "security_group_id", "network_interface_id", "vpc_id", "permission_set_arn", "region",
})  # fmt: skip
"""Arguments that name the object that a resource says something of: replaced, they would be about another object."""


@dataclass(frozen=True, slots=True)
class OverriddenConfig:
    """A resource's body; any argument may be replaced, except for what makes it another object's."""

    body: Config
    gap: Unknown

    @property
    def at(self) -> CodeOrigin:
        """The block."""
        return self.body.at

    def get(self, name: str) -> Value[Datum]:
        """Evaluate an argument that says which object it is about; any other may be another one."""
        return self.body.get(name) if name in _ABOUT else self.gap

    def blocks(self, _block_type: str) -> Inventory[Config]:
        """Return no nested blocks: others may stand in their place."""
        return Inventory((), self.gap)


def as_read(config: Config, overridden: Unknown | None) -> Config:
    """Return the body of a resource, without what an override file that was not read may replace."""
    return config if overridden is None else OverriddenConfig(config, overridden)


def may_exist(exists: Value[bool], overridden: Unknown | None) -> Value[bool]:
    """Return whether a resource exists; one that is left out may be brought back."""
    return overridden if overridden is not None and isinstance(exists, Known) and not exists.value else exists


def prevent_destroy(config: BlockConfig) -> Value[bool]:
    """Return the guard of a resource's lifecycle."""
    for lifecycle in config.blocks("lifecycle").items:
        match lifecycle.get("prevent_destroy"):
            case Known(bool() as flag, at):
                return Known(flag, at)
            case Unknown() as gap:
                return gap
            case _:
                continue
    return Known(False, config.at, defaulted=True)
