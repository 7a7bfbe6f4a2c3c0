"""Whatever a node prints: no crash, and no ignorance ever taken for knowledge."""

import json
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ssm_hardening.core.errors import UsageError
from ssm_hardening.core.values import Absent, Inventory, Items, Known, Record, Unknown
from ssm_hardening.judge import engine
from ssm_hardening.read.hosts.evidence import loads
from ssm_hardening.read.hosts.facts import Evidence, evidence_of
from ssm_hardening.read.hosts.joining import with_evidence
from ssm_hardening.rules.catalogue import load_rules
from ssm_hardening.rules.registry import AnyRule
from ssm_hardening.verdicts.findings import Crashed, Failed, Finding, NotApplicable, Passed, Undecided
from ssm_hardening.verdicts.standards import Standard, load_standard
from tests.hosts.documents import EXAMPLES, Step, document, members, read, replaced, without

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)
HOSTILE = JSON | st.sampled_from(
    [{"unknown": "no rights"}, {"items": []}, {"items": [{}], "more": None}, {"items": [None], "more": ""}, 10**30, -1]
)
WHOLE = tuple(json.loads(path.read_text(encoding="utf-8")) for path in EXAMPLES)
PLACES = [(index, path) for index, data in enumerate(WHOLE) for path in members(data)]
QUIET = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@cache
def inside() -> tuple[AnyRule, ...]:
    return tuple(rule for rule in load_rules() if rule.over.inside)


@cache
def strict() -> Standard:
    return load_standard("strict")


def judged(evidence: Evidence) -> tuple[Finding, ...]:
    return engine.run(inside(), with_evidence((), (evidence,)), strict()).findings


def never_crashes(data: bytes) -> None:
    evidence = read_or_refused(data)
    if isinstance(evidence, UsageError):
        assert evidence.message.isprintable()
        return
    assert not [finding for finding in judged(evidence) if isinstance(finding.verdict, Crashed)]
    assert all(each.isprintable() for each in texts(evidence.host))


def read_or_refused(data: bytes) -> Evidence | UsageError:
    try:
        return evidence_of(loads(data, file="web.json"))
    except UsageError as error:
        return error


def texts(found: object) -> list[str]:
    match found:
        case str():
            return [found]
        case dict():
            return [each for pair in found.items() for part in pair for each in texts(part)]
        case tuple():
            return [each for part in found for each in texts(part)]
        case _ if is_dataclass(found):
            return [each for field in fields(found) for each in texts(getattr(found, field.name))]
        case _:
            return []


@QUIET
@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    never_crashes(data)


@QUIET
@given(JSON)
def test_any_json(data: object) -> None:
    never_crashes(json.dumps(data).encode())


@QUIET
@given(st.sampled_from(PLACES), HOSTILE)
def test_anything_in_any_place(place: tuple[int, tuple[Step, ...]], value: object) -> None:
    index, path = place
    never_crashes(json.dumps(replaced(WHOLE[index], path, value)).encode())


@QUIET
@given(st.sampled_from([*range(len(WHOLE))]), st.data())
def test_any_cut(index: int, data: st.DataObject) -> None:
    whole = json.dumps(WHOLE[index]).encode()
    cut = whole[: data.draw(st.integers(min_value=0, max_value=len(whole) - 1))]
    with pytest.raises(UsageError):
        loads(cut, file="web.json")


def is_weaker(new: Any, old: Any) -> bool:
    """Say whether what is known now was known before: the same, or a part of it with a gap."""
    match new, old:
        case Unknown(), _:
            return True
        case Known(now), Known(before):
            return is_weaker(now, before)
        case Absent(), Absent():
            return True
        case Inventory(now, gap), Inventory(before, _):
            return gap is not None or (len(now) == len(before) and all(map(is_weaker, now, before)))
        case Items(now, rest), Items(before, _):
            return rest is not None or (len(now) == len(before) and all(map(is_weaker, now, before)))
        case Record(now, rest), Record(before, _):
            return rest is not None or (now.keys() == before.keys() and all(is_weaker(now[k], before[k]) for k in now))
        case _ if is_dataclass(new) and type(new) is type(old):
            named = [
                field.name for field in fields(new) if field.name not in {"at", "origin", "address", "declaration"}
            ]
            return all(is_weaker(getattr(new, name), getattr(old, name)) for name in named)
        case _:
            return bool(new == old)


BAD = (Failed, Undecided)


def is_no_better(new: tuple[Finding, ...], old: tuple[Finding, ...]) -> bool:
    """Say whether every rule that found something, or could not tell, still does, and none passes that did not."""
    bad = {each.rule.id for each in new if isinstance(each.verdict, BAD)}
    passed = {each.rule.id for each in new if isinstance(each.verdict, Passed)}
    spoken = {each.rule.id for each in old if isinstance(each.verdict, BAD)}
    silent = {each.rule.id for each in old if isinstance(each.verdict, NotApplicable)}
    return spoken <= bad and not passed & silent - {each.rule.id for each in old if isinstance(each.verdict, Passed)}


SPOILERS: dict[str, Callable[[Any, tuple[Step, ...]], Any]] = {
    "missing": without,
    "unknown": lambda data, path: replaced(data, path, {"unknown": "no rights"}),
    "a list": lambda data, path: replaced(data, path, []),
    "an object": lambda data, path: replaced(data, path, {}),
    "a fraction": lambda data, path: replaced(data, path, 1.5),
    "an empty text": lambda data, path: replaced(data, path, ""),
}


SHAPES = ("linux-as-it-comes", "linux-hardened", "windows-member-server", "windows-not-elevated")


@pytest.mark.parametrize("spoiler", SPOILERS)
@pytest.mark.parametrize("name", SHAPES)
def test_a_member_that_is_spoilt_never_makes_a_node_look_better(name: str, spoiler: str) -> None:
    whole = document(name)
    before = read(whole)
    findings = judged(before)
    for path in members(whole):
        if spoiler == "a list" and path[-1] == "items":
            continue  # it says then that there are none
        try:
            after = read(SPOILERS[spoiler](whole, path))
        except UsageError:
            continue
        assert is_weaker(after.host, before.host), path
        if spoiler == "missing":  # judging takes time, and what is weaker in one way is judged as in another
            assert after == before or is_no_better(judged(after), findings), path
