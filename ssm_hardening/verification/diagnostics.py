"""What Terraform and OpenTofu say about a configuration, read from `validate -json` and from `init`'s text."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

# `init -json` came with Terraform 1.9; the text is the same in every version we accept.
_ERROR = re.compile(r"^Error: ", re.MULTILINE)
_PLACE = re.compile(r"^  on (?P<file>.+?) line (?P<line>\d+)", re.MULTILINE)
_SOURCE_LINE = re.compile(r"^ +\d+: .*$", re.MULTILINE)

_PREAMBLE = re.compile(r"^\w+ encountered problems during initiali[sz]ation")
_ADVICE = re.compile(r"\s*To see which modules are currently depending on .*", re.DOTALL)

_PROVIDER = (
    "failed to query available provider packages", "failed to install provider",
    "failed to resolve provider packages",  # OpenTofu's words for the first
)  # fmt: skip
_NO_RELEASE = "no available releases match the given constraints"
_NO_PROVIDER = "does not have a provider named"
_NOWHERE = (
    "was not found in any of the search locations",
    "cannot search ",  # a mirror of the CLI configuration that is not there
)
_NOT_OFFERED = (
    *_NOWHERE,
    _NO_RELEASE,
    "does not have a package available for your current platform",
)
_NETWORK = (
    "no such host", "could not resolve host", "could not connect", "connection refused", "connection reset",
    "network is unreachable", "no route to host", "i/o timeout", "timed out", "tls handshake", "proxyconnect",
    "context deadline exceeded", "request canceled", "failed to request discovery document",
    "temporary failure in name resolution", "please try again later", "x509:",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One complaint. `line` is 0 where no place in the code is meant."""

    severity: str
    summary: str
    detail: str
    file: str = ""
    line: int = 0

    def text(self) -> str:
        """Return summary and detail on one line."""
        return " ".join(f"{self.summary}: {self.detail}".split()).removesuffix(":")


@dataclass(frozen=True, slots=True)
class Validation:
    """The answer of `validate -json`."""

    valid: bool
    diagnostics: tuple[Diagnostic, ...]


def read_validation(text: str) -> Validation | None:
    """Return what `validate -json` printed, or None where it is not such an answer."""
    try:
        answer = json.loads(text)
    except (ValueError, RecursionError):
        return None
    match answer:
        case {"valid": bool(valid), "diagnostics": list(diagnostics)}:
            return Validation(valid, tuple(read_diagnostic(entry) for entry in diagnostics))
        case {"valid": bool(valid)}:
            return Validation(valid, ())
        case _:
            return None


def read_diagnostic(entry: object) -> Diagnostic:
    """Return a diagnostic as `-json` prints it."""
    if not isinstance(entry, Mapping):
        return Diagnostic("error", "unreadable diagnostic", repr(entry))
    file, line = _range(entry.get("range"))
    return Diagnostic(
        str(entry.get("severity", "error")),
        str(entry.get("summary", "")),
        str(entry.get("detail", "")),
        file,
        line,
    )


def _range(entry: object) -> tuple[str, int]:
    match entry:
        case {"filename": str(file), "start": {"line": int(line)}}:
            return file, line
        case {"filename": str(file)}:
            return file, 0
        case _:
            return "", 0


def read_init(text: str) -> tuple[Diagnostic, ...]:
    """Return the errors that `init -no-color` (or `fmt`) printed, without the words that introduce them."""
    errors = [_init_error(block) for block in _ERROR.split(text)[1:]]
    return tuple(error for error in errors if not _PREAMBLE.match(error.summary))


def _init_error(block: str) -> Diagnostic:
    summary, _, rest = block.partition("\n\n")
    place = _PLACE.search(rest)
    lines = [line for line in rest.splitlines() if not (_PLACE.match(line) or _SOURCE_LINE.match(line))]
    detail = " ".join(_ADVICE.sub("", "\n".join(lines)).split())
    if place is None:
        return Diagnostic("error", " ".join(summary.split()), detail)
    return Diagnostic("error", " ".join(summary.split()), detail, place["file"], int(place["line"]))


def is_out_of_reach(error: Diagnostic, *, answered: bool = False) -> bool:
    """Tell whether `init` could not *get* something, as opposed to the configuration being wrong.

    A provider that the registry says does not exist, a lock file that contradicts the constraints and a
    checksum that does not match are faults of the configuration; so is a version that does not exist where
    `answered` says that the registry, which knows them all, was asked.
    """
    if is_unreachable(error):
        return True
    text = error.text().lower()
    if not is_about_provider(error) or (answered and _NO_RELEASE in text):
        return False
    return any(sign in text for sign in _NOT_OFFERED)


def is_answer(error: Diagnostic) -> bool:
    """Tell whether somebody who knows providers was asked, and said that there is no such one."""
    return is_about_provider(error) and any(sign in error.text().lower() for sign in (_NO_RELEASE, _NO_PROVIDER))


def is_nowhere(error: Diagnostic) -> bool:
    """Tell whether the places that `init` was told to look in do not have the provider, or are not there."""
    return is_about_provider(error) and any(sign in error.text().lower() for sign in _NOWHERE)


def is_unreachable(error: Diagnostic) -> bool:
    """Tell whether the other end did not answer: no address, no connection, no answer in time, or out of order."""
    text = error.text().lower()
    return any(sign in text for sign in _NETWORK)


def is_about_provider(error: Diagnostic) -> bool:
    """Tell whether the error is about getting a provider, rather than a module."""
    return error.summary.lower().startswith(_PROVIDER)
