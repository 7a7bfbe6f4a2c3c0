"""The probes as they are handed out."""

import re
from collections.abc import Sequence
from pathlib import Path

from ssm_hardening.core.errors import SsmHardenError, UsageError, listed

_PROBES = Path(__file__).resolve().parent / "probes"
_FILES = {"linux": "linux.sh", "macos": "linux.sh", "windows": "windows.ps1"}
_LINES = {"linux.sh": "SSM_HARDEN_USERS='ssm-user'", "windows.ps1": "$SsmHardenUsers = @('ssm-user')"}
_USER = re.compile(r"[a-z_][a-z0-9_-]{0,31}")

PLATFORMS = tuple(_FILES)


def script(platform: str, users: Sequence[str] = ()) -> str:
    """Return the probe for a platform (`linux`, `macos`, `windows`), which looks at these OS users beside ssm-user.

    Raises UsageError where there is no such platform, or a name is not one that Run As should be given.
    """
    if platform not in _FILES:
        raise UsageError(f"there is no probe for the platform {platform!r}", hint=f"use {listed(_FILES)}")
    file = _FILES[platform]
    text = _probe(file)
    names = tuple(dict.fromkeys(("ssm-user", *map(_checked, users))))
    head, found, tail = text.partition(f"\n{_LINES[file]}\n")
    if found == "" or f"\n{_LINES[file]}\n" in tail:
        raise SsmHardenError(f"the probe {file} is damaged", hint="reinstall ssm-harden")
    return f"{head}\n{_users(file, names)}\n{tail}"


def _checked(name: str) -> str:
    if _USER.fullmatch(name) is None:
        hint = "use up to 32 lowercase letters, digits, hyphens, and underscores; start with a letter or an underscore"
        raise UsageError(f"{name!r} is not a valid OS user name", hint=hint)
    return name


def _users(file: str, names: Sequence[str]) -> str:
    if file == "linux.sh":
        return f"SSM_HARDEN_USERS='{' '.join(names)}'"
    quoted = ", ".join(f"'{name}'" for name in names)
    return f"$SsmHardenUsers = @({quoted})"


def _probe(file: str) -> str:
    try:
        return (_PROBES / file).read_text(encoding="utf-8").replace("\r\n", "\n")
    except OSError as error:
        from ssm_hardening.core.installation import reinstall  # noqa: PLC0415 - only for a message

        raise SsmHardenError(f"the ssm-harden installation is missing its probe {file}", hint=reinstall()) from error
