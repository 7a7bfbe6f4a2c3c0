"""Reads evidence from inside nodes, and joins it to the accounts that hold them."""

from collections.abc import Sequence
from pathlib import Path

from ssm_hardening.sources.host.evidence import load
from ssm_hardening.sources.host.facts import Evidence, evidence_of
from ssm_hardening.sources.host.joining import with_evidence

__all__ = ["Evidence", "read_evidence", "with_evidence"]


def read_evidence(files: Sequence[Path]) -> tuple[Evidence, ...]:
    """Return what each file tells. Raises UsageError where one cannot be read, or is no evidence of this version."""
    return tuple(evidence_of(load(file)) for file in files)
