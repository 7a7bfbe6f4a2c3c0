"""What every source returns."""

from dataclasses import dataclass, field

from ssm_hardening.hcl.ast import SourceFile
from ssm_hardening.model import Account
from ssm_hardening.redaction import Sensitive


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The accounts one source yielded.

    `files` are the parsed source files (for waivers, which live in comments), `notes` what the user should know about
    how it was read (`TF_VAR_…` that were used, files that were left out), `parsed` how many files of code were read,
    `refused` which of the files that the user named cannot be read, and why. `sensitive` are the texts that no output
    may show.
    """

    accounts: tuple[Account, ...]
    files: tuple[SourceFile, ...] = ()
    notes: tuple[str, ...] = ()
    parsed: int = 0
    refused: tuple[str, ...] = ()
    sensitive: Sensitive = field(default_factory=Sensitive)
