"""Hashes of texts and files."""

import base64
import hashlib
import uuid
from collections.abc import Callable
from typing import Any

from ssm_hardening.core.values import Value
from ssm_hardening.read.code.functions.arguments import Call, Function, exactly, text
from ssm_hardening.read.code.functions.filesystem import content

_NAMESPACES = {
    "dns": uuid.NAMESPACE_DNS,
    "url": uuid.NAMESPACE_URL,
    "oid": uuid.NAMESPACE_OID,
    "x500": uuid.NAMESPACE_X500,
}


def _text_bytes(call: Call, value: Value[Any]) -> bytes:
    return text(call, value).encode()


def _hexadecimal(algorithm: str) -> Callable[[bytes], str]:
    return lambda data: hashlib.new(algorithm, data, usedforsecurity=False).hexdigest()


def _in_base64(algorithm: str) -> Callable[[bytes], str]:
    return lambda data: base64.b64encode(hashlib.new(algorithm, data, usedforsecurity=False).digest()).decode()


def _uuid(namespace: str, name: str) -> str:
    return str(uuid.uuid5(_NAMESPACES.get(namespace) or uuid.UUID(namespace), name))


def _file_in_base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


FUNCTIONS: dict[str, Function] = {
    "base64sha256": exactly(_in_base64("sha256"), _text_bytes),
    "base64sha512": exactly(_in_base64("sha512"), _text_bytes),
    "filebase64": exactly(_file_in_base64, content),
    "filebase64sha256": exactly(_in_base64("sha256"), content),
    "filebase64sha512": exactly(_in_base64("sha512"), content),
    "filemd5": exactly(_hexadecimal("md5"), content),
    "filesha1": exactly(_hexadecimal("sha1"), content),
    "filesha256": exactly(_hexadecimal("sha256"), content),
    "filesha512": exactly(_hexadecimal("sha512"), content),
    "md5": exactly(_hexadecimal("md5"), _text_bytes),
    "sha1": exactly(_hexadecimal("sha1"), _text_bytes),
    "sha256": exactly(_hexadecimal("sha256"), _text_bytes),
    "sha512": exactly(_hexadecimal("sha512"), _text_bytes),
    "uuidv5": exactly(_uuid, text, text),
}
