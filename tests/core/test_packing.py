"""Records as data and back: nothing is lost, and nothing but records of ours is made."""

import json
from pathlib import Path
from typing import Any, get_args, get_origin

import pytest

from ssm_hardening.core.origins import CodeOrigin
from ssm_hardening.core.packing import _PACKAGES, SpoiledError, UnpackableError, pack, unpack
from ssm_hardening.core.values import (
    Absent,
    Datum,
    Inventory,
    Items,
    Known,
    Record,
    Reference,
    Template,
    Unknown,
    Value,
    Why,
)
from ssm_hardening.hcl.syntax import parse
from ssm_hardening.judge.engine import run
from ssm_hardening.read.code.reader import read_terraform
from ssm_hardening.read.code.values import Invalid, SetItems
from ssm_hardening.rules.catalogue import load_rules
from ssm_hardening.verdicts.standards import BUILT_IN
from tests.bench.repository import write_repository

AT = CodeOrigin("main.tf", 3, sensitive=True)
GAP = Unknown(Why.COMPUTED, AT, "var.x", (Known("a", AT), Absent(AT)))
THINGS: list[Any] = [
    *(None, True, False, 1, 1.0, 0, 0.0, -0.0, 1e300, float("inf"), 10**30, "", "\ud800\0é", ()),
    (1, True, 1.0, "1", (1, (True,))),
    {"a": (1,), "b": {}, 1: None},
    frozenset({"a"}),
    GAP,
    Known(Record({"a": Known(Items((GAP, Known(False, AT))), AT, defaulted=True, raw="x")}, GAP), AT),
    Template(("a", Reference("aws_s3_bucket.b", "id"), GAP)),
    Invalid(Why.UNSUPPORTED, AT, "local.x is not declared"),
    Known(SetItems((Known("a", AT),)), AT),
    BUILT_IN["strict"],
    Invalid(Why.UNRESOLVED_INPUT, AT, "a number is required"),
    Known(SetItems((GAP,)), AT),
]


@pytest.mark.parametrize("thing", THINGS, ids=repr)
def test_what_was_packed_is_unpacked(thing: Any) -> None:
    found = unpack(pack(thing))
    assert found == thing
    assert repr(found) == repr(thing)


def test_everything_that_is_read_and_found_can_be_packed(tmp_path: Path) -> None:
    write_repository(tmp_path, files=120, roots=12)
    accounts = read_terraform([tmp_path]).accounts
    assert len(accounts) == 12
    assert unpack(pack(accounts)) == accounts
    findings = run(load_rules(), accounts[1:], BUILT_IN["baseline"]).findings
    assert unpack(pack(findings)) == findings


def test_every_kind_of_value_can_be_packed() -> None:
    kinds = {get_origin(each) or each for each in (*get_args(Value), *get_args(Datum), Inventory)}
    kinds = {kind for kind in kinds if kind.__module__ != "builtins"}
    while further := {sub for kind in kinds for sub in kind.__subclasses__()} - kinds:
        kinds |= further
    assert {Invalid, SetItems} <= kinds
    assert not {kind for kind in kinds if not kind.__module__.startswith(_PACKAGES)}


def test_a_file_can_be_packed() -> None:
    file = parse("main.tf", b'a = [for x in y : "${x}" if x != null]\nb { c = 1.5 } # d\n')
    assert unpack(pack(file)) == file


def test_what_is_shared_stays_shared() -> None:
    one, other = unpack(pack((GAP, GAP)))
    assert one is other


def test_what_has_a_name_goes_by_it() -> None:
    known = object()
    data = pack((known, known), {id(known): "it"})
    assert unpack(data, {"it": known}) == (known, known)
    with pytest.raises(SpoiledError):
        unpack(data, {})


@pytest.mark.parametrize("thing", [object(), [1], b"x", Path(), {1}, SpoiledError, 1j])
def test_nothing_else_is_packed(thing: object) -> None:
    with pytest.raises(TypeError):
        pack(thing)


def test_what_is_nested_without_end_or_endless_is_not_packed() -> None:
    deep: Any = GAP
    for _ in range(5_000):
        deep = Known(Items((deep,)), AT)
    for thing in (deep, 10**5_000):
        with pytest.raises(UnpackableError):
            pack(thing)


KNOWN = "ssm_hardening.core.values:Known"
HOSTILE: list[Any] = [
    None,
    [],
    [[], []],
    [["os:system"], ["true", [4, 0]]],
    [["subprocess:Popen"], ["true", [4, 0]]],
    [["ssm_hardening.cli.demo:demo"], [[4]]],
    [["ssm_hardening.core.limits:read_named"], ["/etc/passwd", [4, 0]]],
    [["ssm_hardening.core.folders:Path"], ["x", [4, 0]]],
    [["ssm_hardening.core.values:nothing"], [[4]]],
    [["ssm_hardening.core.values:Known.__init__"], [[4]]],
    [["ssm_hardening.core.nothing:x"], [[4]]],
    [["ssm_hardening.core.:x"], [[4]]],
    [[KNOWN], [[4]]],
    [[KNOWN], [1, [4, 0, 0, 0, 0, 0]]],
    [[KNOWN], [[4, 1, 1, 1, 1], 1]],
    [[7], [[4]]],
    [[], [[9]]],
    [[], [["x"]]],
    [[], [[{}]]],
    [[], [[0, "x"]]],
    [[], [1, [1, 0]]],
    [["ssm_hardening.core.values:Why"], ["no reason", [4, 0]]],
    {"a": 1},
]


@pytest.mark.parametrize("data", HOSTILE, ids=json.dumps)
def test_hostile_data_makes_nothing(data: Any) -> None:
    with pytest.raises(SpoiledError):
        unpack(json.dumps(data).encode())


@pytest.mark.parametrize("data", [b"", b"{", b"\xff", b"[" * 100_000, b"9" * 5_000])
def test_what_is_no_data_makes_nothing(data: bytes) -> None:
    with pytest.raises(SpoiledError):
        unpack(data)


def test_equal_values_stand_in_the_table_once() -> None:
    values = tuple(Known("same", CodeOrigin("main.tf", 3)) for _ in range(20))
    there = unpack(pack(values))
    assert there == values
    assert len({id(each) for each in there}) == 1
