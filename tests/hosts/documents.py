"""Documents of the probe for tests, and ways to spoil them."""

import json
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any, TypeAlias

import ssm_hardening
from ssm_hardening.read.hosts.evidence import loads
from ssm_hardening.read.hosts.facts import Evidence, evidence_of

EVIDENCE = Path(__file__).parent / "evidence"
SEEDS = Path(ssm_hardening.__file__).parent / "sandbox" / "seeds" / "hosts"
EXAMPLES = tuple(sorted((*EVIDENCE.glob("*.json"), *SEEDS.glob("*.json"))))
COLLECTED = {
    "instance": "i-0a1b2c3d4e5f60718",
    "account": "111122223333",
    "region": "eu-west-1",
    "command": "4f6e8f7c-0000-4000-8000-000000000000",
    "at": "2026-11-27T06:00:00+00:00",
}

Step: TypeAlias = str | int


def document(name: str = "linux-as-it-comes") -> dict[str, Any]:
    found: dict[str, Any] = json.loads((EVIDENCE / f"{name}.json").read_text(encoding="utf-8"))
    return found


def read(data: object, *, file: str = "web.json") -> Evidence:
    return evidence_of(loads(json.dumps(data).encode(), file=file))


def collected(**changes: str) -> dict[str, Any]:
    return document() | {"collected": COLLECTED | changes}


def replaced(data: Any, path: tuple[Step, ...], value: object) -> Any:
    spoilt = deepcopy(data)
    place = spoilt
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return spoilt


def without(data: Any, path: tuple[Step, ...]) -> Any:
    spoilt = deepcopy(data)
    place = spoilt
    for step in path[:-1]:
        place = place[step]
    del place[path[-1]]
    return spoilt


def members(data: object, path: tuple[Step, ...] = ()) -> Iterator[tuple[Step, ...]]:
    """Yield the path of every member of every object, however deep."""
    match data:
        case dict():
            for key, value in data.items():
                yield (*path, key)
                yield from members(value, (*path, key))
        case list():
            for index, value in enumerate(data):
                yield from members(value, (*path, index))
        case _:
            return
