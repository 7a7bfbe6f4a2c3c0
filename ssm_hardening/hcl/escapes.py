"""Escape sequences of quoted strings and of raw template text (heredocs, template files)."""

import re

_ESCAPE = re.compile(r"\\(?:([nrt\"\\])|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))|\$\$\{|%%\{")
_SIMPLE = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_LAST_CODE_POINT = 0x10FFFF
_SURROGATES = range(0xD800, 0xE000)
_REPLACEMENT = "\ufffd"


def decode_quoted(text: str) -> str:
    """Resolve the escapes of a quoted string: backslashes, `$${` and `%%{`."""
    return _ESCAPE.sub(_resolve, text) if "\\" in text or "{" in text else text


def decode_raw(text: str) -> str:
    """Resolve the escapes of raw template text: `$${` and `%%{` only."""
    return text.replace("$${", "${").replace("%%{", "%{")


def _resolve(found: re.Match[str]) -> str:
    simple, short, long = found.groups()
    if simple is not None:
        return _SIMPLE[simple]
    digits = short or long
    return found[0][1:] if digits is None else _character(int(digits, 16))


def _character(code: int) -> str:
    """Return the character, or the replacement character where there is none (as Terraform does)."""
    return _REPLACEMENT if code > _LAST_CODE_POINT or code in _SURROGATES else chr(code)
