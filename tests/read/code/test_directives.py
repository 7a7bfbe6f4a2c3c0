"""Documents written as templates: what stands outside of a directive that cannot be decided is known."""

import itertools
from pathlib import Path
from typing import Any

import pytest

from ssm_hardening.read.code.inputs import Inputs
from tests.read.code.evaluating import outputs, plain

NAMES = "abcd"
TEMPLATES = {
    "lines of their own": """schemaVersion: "1.0"
%{ if a }
description: x
%{ endif }
inputs:
  s3BucketName: logs
%{ if b }
  idleSessionTimeout: "20"
%{ endif }
%{ if c }
  maxSessionDuration: "60"
%{ else }
  runAsEnabled: false
%{ endif }
  s3EncryptionEnabled: true
%{ if d }
sessionType: Standard_Stream
%{ endif }
""",
    "stripped before": """inputs:
  s3BucketName: logs
%{~ if a }
  idleSessionTimeout: "20"
%{~ endif }
%{~ if b }
  maxSessionDuration: "60"
%{~ endif }
  s3EncryptionEnabled: true
%{~ if c && d }
  runAsEnabled: true
%{~ endif }
%{~ if d }
schemaVersion: "1.0"
%{~ endif }
last: 1
""",
    "stripped behind": """inputs:
%{ if a ~}
  idleSessionTimeout: "20"
%{ endif ~}
%{ if b ~}
  maxSessionDuration: "60"
%{ endif ~}
  s3EncryptionEnabled: true
%{ if c ~}
description: x
%{ endif ~}
%{ if d ~}
sessionType: Standard_Stream
%{ endif ~}
last: 1
""",
    "a text of several lines": """inputs:
  shellProfile: |
    one
%{ if a }
    two
%{ endif }
    three
  s3EncryptionEnabled: true
%{ if b }
  more: 1
%{ endif }
%{ if c }
  most: 2
%{ endif }
%{ if d }
  last: 3
%{ endif }
""",
    "what has no value without it": """inputs:
%{ if a }
  b: 1
%{ endif }
%{ if b }
  c: 1
%{ endif }
more:
%{ if c }
  - 1
%{ endif }
%{ if d }
  - 2
%{ endif }
known: true
""",
    "a key again": """inputs: 1
two words: 1
%{ if a }
inputs: 2
%{ endif }
%{ if b }
two words : 2
%{ endif }
%{ if c }
c: 1
%{ endif }
%{ if d }
d: 1
%{ endif }
after: 2
""",
    "what would take the next lines": """a:
  x: 1
%{ if a }
b:
%{ endif }
%{ if b }
c:
%{ endif }
%{ if c }
d:
%{ endif }
%{ if d }
e:
%{ endif }
  y: 2
""",
    "loops": """inputs:
  s3BucketName: logs
%{~ for x in l }
  more${x}: "${x}"
%{~ endfor }
  s3EncryptionEnabled: true
tags:
  - first
%{ for x in l ~}
  - ${x}
%{ endfor ~}
last: 1
""",
    "loops in json": """{
  "inputs": { "s3BucketName": "logs", %{ for x in l } "item": "${x}", %{ endfor } "s3EncryptionEnabled": true },
  "tags": ["first" %{ for x in l }, "${x}" %{ endfor }],
  %{ for x in l } "${x}": 1, %{ endfor }
  "last": 1
}
""",
    "a loop that would take the next lines": """a:
  x: 1
%{ for x in l }
b:
%{ endfor }
  y: 2
""",
    "json": """{
  "schemaVersion": "1.0",
  %{ if a }"description": "x",%{ endif }
  "inputs": {
    "s3BucketName": "logs"
    %{ if b }, "idleSessionTimeout": "20" %{ endif }
    %{ if c }, "maxSessionDuration": "60", "s3BucketName": "other" %{ endif }
  },
  "list": [%{ if a } 1, %{ endif } 2, 3 %{ if b }, 4 %{ endif }],
  %{ if d } "last": true, %{ endif }
  "sessionType": "Standard_Stream"
}
""",
}
OUTSIDE = {
    "lines of their own": {
        "schemaVersion": "1.0", "inputs": {"s3BucketName": "logs", "s3EncryptionEnabled": True, "*": "?"}, "*": "?",
    },
    "stripped before": {"inputs": {"s3BucketName": "logs", "s3EncryptionEnabled": True, "*": "?"}, "last": 1, "*": "?"},
    "stripped behind": {"inputs": {"s3EncryptionEnabled": True, "*": "?"}, "last": 1, "*": "?"},
    "a text of several lines": {"inputs": {"shellProfile": "?", "s3EncryptionEnabled": True, "*": "?"}},
    "what has no value without it": {"inputs": "?", "more": "?", "known": True},
    "a key again": {"inputs": "?", "two words": "?", "after": 2, "*": "?"},
    "what would take the next lines": "?",
    "loops": {
        "inputs": {"s3BucketName": "?", "s3EncryptionEnabled": True, "*": "?"}, "tags": ["first", "?"], "last": 1,
    },
    "loops in json": {
        "inputs": "?", "tags": "?", "last": 1, "*": "?",
    },
    "a loop that would take the next lines": "?",
    "json": {
        "schemaVersion": "1.0", "inputs": {"s3BucketName": "?", "*": "?"}, "list": [2, 3, "?"],
        "sessionType": "Standard_Stream", "*": "?",
    },
}  # fmt: skip


def evaluated(folder: Path, kind: str, given: dict[str, str]) -> Any:
    variables = "".join(f'variable "{name}" {{\n  type = bool\n}}\n' for name in NAMES)
    handed = ", ".join(f"{name} = var.{name}" for name in (*NAMES, "l"))
    variables += 'variable "l" {\n  type = list(string)\n}\n'
    decode = "jsondecode" if "json" in kind else "yamldecode"
    (folder / "document.tpl").write_text(TEMPLATES[kind])
    read = f'templatefile("${{path.module}}/document.tpl", {{ {handed} }})'
    (folder / "main.tf").write_text(f'{variables}output "it" {{\n  value = {decode}({read})\n}}\n')
    return plain(outputs(folder, Inputs(variables=given))["it"])


def covers(partial: Any, whole: Any) -> bool:
    """Say whether what is told of some values can be what they are."""
    match partial, whole:
        case "?", _:
            return True
        case {"one of": choices}, _:
            return any(covers(choice, whole) for choice in choices)
        case dict(), dict():
            named = partial.keys() - {"*"}
            return (named == whole.keys() or ("*" in partial and named <= whole.keys())) and all(
                covers(partial[name], whole[name]) for name in named
            )
        case list(), list():
            return all(any(covers(item, each) for each in whole) for item in partial if item != "?")
        case _:
            return bool(partial == whole)


@pytest.mark.parametrize("kind", TEMPLATES)
def test_what_stands_outside_is_known_and_nothing_else_is_claimed(kind: str, tmp_path: Path) -> None:
    partial = evaluated(tmp_path, kind, {})
    assert partial == OUTSIDE[kind]
    lists = ["[]", '["x"]', '["s3BucketName", "y"]'] if "loop" in kind else ["[]"]
    flags = itertools.product(("true", "false"), repeat=0 if "loop" in kind else len(NAMES))
    for values, members in itertools.product(list(flags), lists):
        whole = evaluated(tmp_path, kind, {**dict(zip(NAMES, values, strict=False)), "l": members})
        assert covers(partial, whole), (values, members, whole)
