"""AWS's managed policies in every account, without reading five megabytes for each."""

from copy import copy
from functools import cache

from moto.iam.models import IAMBackend, ManagedPolicy

_read = IAMBackend._init_aws_policies  # noqa: SLF001 - moto's own reading; only how often it happens changes


def share_policies() -> None:
    """Let each account's IAM copy what the first one read: members of an organization come by the dozen."""
    IAMBackend._init_aws_policies = _copies  # type: ignore[method-assign, assignment] # noqa: SLF001 - moto has no switch for it


def _copies(backend: IAMBackend) -> list[ManagedPolicy]:
    found = []
    for policy in _originals(backend.region_name):
        mine = copy(policy)
        mine.account_id = backend.account_id
        found.append(mine)
    return found


@cache
def _originals(partition: str) -> list[ManagedPolicy]:
    """Return the policies of a partition; nobody attaches these, so they stay as they were read."""
    original = IAMBackend.__new__(IAMBackend)
    original.account_id, original.region_name = "", partition
    return _read(original)
