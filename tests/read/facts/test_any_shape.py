"""Whatever arguments evaluate to, facts come of it; and what is hidden never turns into a claim."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any
from zlib import crc32

from hypothesis import given
from hypothesis import strategies as st

from ssm_hardening.core.origins import CodeOrigin
from ssm_hardening.core.values import Absent, Encoded, Inventory, Items, Known, Record, Unknown, Value, Why
from ssm_hardening.model import Account, Fact, Gap, SessionDocument
from ssm_hardening.model.account import KINDS
from ssm_hardening.read.converting import Decoded
from ssm_hardening.read.facts.accounts import accounts_of
from ssm_hardening.read.graph import Config, Resource
from ssm_hardening.read.policy_documents import policy_document
from ssm_hardening.read.session_content import Described, error_in, session_document, unknown_keys
from tests.strategies import any_values, unknowns

AT = CodeOrigin("main.tf", 1)
DEEPEST = 120
"""Characters of a nested block's seed, which ends the nesting."""


@dataclass(frozen=True, slots=True)
class Body:
    """A configuration in which every argument and block is written, each with some value of the pool."""

    pool: tuple[Value[Any], ...]
    gap: Unknown | None
    seed: str
    at: CodeOrigin = AT

    def _number(self, name: str) -> int:
        return crc32(f"{self.seed}.{name}".encode())

    def get(self, name: str) -> Value[Any]:
        return self.pool[self._number(name) % len(self.pool)]

    def blocks(self, block_type: str) -> "Inventory[Config]":
        number = self._number(block_type)
        inner = [replace(self, seed=f"{self.seed}.{block_type}.{n}") for n in range(number % 3)]
        return Inventory(tuple(inner) if len(self.seed) < DEEPEST else (), self.gap if number % 5 == 0 else None)


@dataclass(frozen=True, slots=True)
class Everything:
    """A root module that holds resources of these names of every type that somebody asks for."""

    body: Body
    exists: Value[bool]
    names: tuple[str, ...] = ("a", "b[*]")
    path: str = "."
    gaps: tuple[Gap, ...] = ()

    def resources(self, *types: str) -> Inventory[Resource]:
        wanted = ((kind, name) for kind in types for name in self.names)
        return Inventory(
            tuple(resource(kind, name, replace(self.body, seed=name + kind), self.exists) for kind, name in wanted)
        )

    def provider_argument(self, provider: str, name: str) -> Value[Any]:
        return Absent(CodeOrigin(f"{provider}.{name}", 0))

    def providers(self) -> tuple[str, ...]:
        return ()

    def literals(self) -> Mapping[str, tuple[CodeOrigin, ...]]:
        return {}


json_texts = st.builds(Known, st.just('{"Statement": {"Effect": "Deny"}, "inputs": {"kmsKeyId": 1}}'), st.just(AT))
encoded = st.builds(Known, st.builds(Encoded, st.sampled_from(["json", "yaml"]), any_values), st.just(AT))
pool = st.lists(any_values | encoded | json_texts, min_size=2, max_size=4).map(tuple)
bodies = st.builds(Body, pool, st.none() | unknowns(), st.sampled_from(["a", "b", "c", "d", "e"]))


def resource(kind: str, name: str, config: Config, exists: Value[bool]) -> Resource:
    return Resource(
        address=f"{kind}.{name}",
        declaration=f"{kind}.{name}",
        mode="managed",
        type=kind,
        name=name,
        module_path="",
        at=AT,
        exists=exists,
        config=config,
        provider="aws",
        prevent_destroy=Known(False, AT, defaulted=True),
    )


def own(account: Account, kind: str) -> list[Fact]:
    """Return the facts of a picture that are not guests from another Region's."""
    return [fact for fact in getattr(account, kind) if getattr(fact, "address", "") not in account.guests]


@given(bodies, st.builds(Known, st.booleans(), st.just(AT)) | unknowns())
def test_facts_come_of_any_arguments(body: Body, exists: Value[bool]) -> None:
    accounts = accounts_of(Everything(body, exists))
    assert sum(len(own(account, "log_buckets")) for account in accounts) == 2
    assert sum(len(account.keys) for account in accounts) == 8


@given(bodies, st.builds(Known, st.booleans(), st.just(AT)) | unknowns())
def test_facts_around_sessions_come_of_any_arguments(body: Body, exists: Value[bool]) -> None:
    nothing = Everything(body, exists, names=())
    accounts = accounts_of(nothing, whole=Everything(body, exists))
    # Every picture of the account holds all of its IAM.
    numbers = {kind: len({id(fact) for each in accounts for fact in own(each, kind)}) for kind in KINDS}
    counted = {kind: number for kind, number in numbers.items() if number}
    assert len(counted) == 14
    # Beside what is declared, there are the principals that these arguments name.
    assert counted.pop("policies") >= 4
    assert counted.pop("instances") >= 8  # of instances, spot requests, Auto Scaling groups and node groups
    assert counted.pop("roles") >= 4
    assert counted.pop("security_groups") >= 4
    assert counted.pop("users") >= 2
    assert counted.pop("groups") >= 2
    assert set(counted.values()) == {2}


@given(bodies)
def test_a_policy_comes_of_any_blocks(body: Body) -> None:
    match policy_document(body, AT):
        case Known(Encoded(format="json", value=Known(Record(members)))):
            assert {"Version", "Statement"} <= set(members) <= {"Id", "Version", "Statement"}
        case other:
            raise AssertionError(other)


VALUES: tuple[object, ...] = ("", "x", "true", "15", "{{ p }}", True, 15, 1.5, None, [], {}, {"linux": "x", "z": 1})
KEYS = (
    "s3BucketName", "s3EncryptionEnabled", "kmsKeyId", "runAsEnabled", "idleSessionTimeout", "maxSessionDuration",
    "shellProfile", "strange",
)  # fmt: skip
inputs = st.dictionaries(st.sampled_from(KEYS), st.sampled_from(VALUES), max_size=5)
contents = st.fixed_dictionaries(
    {},
    optional={
        "schemaVersion": st.sampled_from(["1.0", "2.2", "", 1]),
        "sessionType": st.sampled_from(["Standard_Stream", "Port", "x", ""]),
        "inputs": inputs | st.sampled_from(VALUES),
        "properties": st.sampled_from(VALUES),
    },
)


def lifted(value: object) -> Value[Any]:
    match value:
        case None:
            return Absent(AT)
        case dict():
            return Known(Record({key: lifted(member) for key, member in value.items()}), AT)
        case list():
            return Known(Items(tuple(lifted(item) for item in value)), AT)
        case _:
            return Known(value, AT)


def hidden(content: Value[Any], path: tuple[str, ...]) -> Value[Any]:
    """Hide the member at this path."""
    if not path:
        return Unknown(Why.UNRESOLVED_INPUT, AT, "hidden")
    match content:
        case Known(Record(members) as record) if path[0] in members:
            inner = hidden(members[path[0]], path[1:])
            return replace(content, value=replace(record, members={**members, path[0]: inner}))
        case _:
            return content


DESCRIBED = Described(
    address="aws_ssm_document.d",
    declaration="aws_ssm_document.d",
    origin=AT,
    name=Known("d", AT),
    exists=Known(True, AT),
    document_type=Known("Session", AT),
    default_version=Absent(AT),
    latest_version=Absent(AT),
    versions_agree=Absent(AT),
    changed=Absent(AT),
    shared_with=Absent(AT),
    prevent_destroy=Absent(AT),
)
OF_CONTENT = {each.name for each in fields(SessionDocument)} - {
    *(each.name for each in fields(Described)),
    *("content_error", "unknown_keys"),
}


def fields_of(content: Value[Any]) -> dict[str, Value[Any]]:
    """Return the model's fields that are read from the content, by name."""
    document = session_document(DESCRIBED, Decoded(content, Absent(AT)))
    return {name: getattr(document, name) for name in OF_CONTENT}


paths = st.sampled_from([(), ("inputs",), ("schemaVersion",), ("properties",), *(("inputs", key) for key in KEYS)])

UNKNOWN_TEXTS = {("s3BucketName",), ("kmsKeyId",)}
"""What is not known where a text belongs is taken for a text: a variable, as a rule."""


@given(contents, paths)
def test_hiding_a_member_never_makes_a_claim(content: dict[str, object], path: tuple[str, ...]) -> None:
    whole = lifted(content)
    part = hidden(whole, path)
    before, after = fields_of(whole), fields_of(part)
    for name, value in after.items():
        assert isinstance(value, Unknown) or value == before[name], (name, json.dumps(content))
    if path[-1:] not in UNKNOWN_TEXTS:
        assert isinstance(error_in(part), Unknown) or type(error_in(part)) is type(error_in(whole))


@given(contents)
def test_a_hidden_content_tells_nothing(content: dict[str, object]) -> None:
    nothing = hidden(lifted(content), ())
    assert all(isinstance(value, Unknown) for value in fields_of(nothing).values())
    assert isinstance(error_in(nothing), Unknown)
    assert isinstance(unknown_keys(nothing), Unknown)
