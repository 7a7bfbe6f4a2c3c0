"""Which object does a name mean? By reference, by literal name or ARN, or by an equal text with the same holes."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeAlias, TypeVar

from ssm_hardening.core.memory import Memory
from ssm_hardening.core.values import Absent, Inventory, Known, Reference, Template, Text, Unknown, Value, Why
from ssm_hardening.iam.texts import resource_type
from ssm_hardening.model.facts import Fact
from ssm_hardening.model.stores import Key

F = TypeVar("F", bound=Fact)

_IAM = r"iam::(?!aws:)[^:]*:(?:role|policy|instance-profile|user|group)/(?:[^/]+/)*"
"""What stands before the name of an IAM object of one's own, its path included; AWS's own policies are none."""

_ARN_NAME = re.compile(
    rf"^arn:[^:]*:(?:s3:::|logs:[^:]*:[^:]*:log-group:|kms:[^:]*:[^:]*:(?:key/)?|{_IAM})(.+?)(?::\*|/\*)?$"
)

_ARN_HEAD = re.compile(rf"arn:[^:]*:(?:s3:::|logs:[^:]*:[^:]*:log-group:|kms:[^:]*:[^:]*:key/|{_IAM})")

_OWN = frozenset({"aws_caller_identity", "aws_partition"})
"""Data sources of the account that is read: whose object it is, they leave no doubt about."""


@dataclass(frozen=True, slots=True)
class Found(Generic[F]):
    """The name means this object."""

    fact: F


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The name means an object outside this picture; `name` as a person would read it."""

    name: str


@dataclass(frozen=True, slots=True)
class Uncertain:
    """The name may mean one of several objects, or something that could not be read."""

    gap: Unknown
    candidates: tuple[str, ...]


Joined: TypeAlias = Found[F] | Elsewhere | Uncertain


def join(name: Known[Text] | Unknown, inventory: Inventory[F]) -> Joined[F]:
    """Find the object that `name` means among `inventory`."""
    index = _index(inventory.items)
    certain = next((fact for fact in index.certain(name) if names(name, fact) is True), None)
    if certain is not None:
        # Names are unique in AWS: where two objects have the same one, they are alternatives of each other.
        return Found(certain)
    if isinstance(name, Unknown):
        return Uncertain(name, index.addresses)
    possible = [fact.address for fact in index.possible(name) if names(name, fact) is not False]
    if possible:
        detail = f"{_read(name.value)} may mean {' or '.join(possible[:3])}"
        return Uncertain(Unknown(Why.COMPUTED, name.at, detail), tuple(possible))
    if inventory.gap is not None and not isinstance(name.value, Reference):
        return Uncertain(inventory.gap, ())
    return Elsewhere(_read(name.value))


_Handle: TypeAlias = tuple[object, ...]
"""By what an object may be found: its address or the beginning of it, a reference, or a text."""


class _Index(Generic[F]):
    """Objects by their handles, so that a name is not compared with each of them."""

    def __init__(self, facts: tuple[F, ...]) -> None:
        self.addresses = tuple(fact.address for fact in facts)
        self._facts = facts
        self._by: dict[_Handle, list[int]] = {}
        self._open: list[int] = []
        for number, fact in enumerate(facts):
            texts, gap = _texts(fact)
            handles = [_addressed(fact.address), *_beginnings(fact.address), *filter(None, map(_handle, texts))]
            for handle in dict.fromkeys(handles):
                self._by.setdefault(handle, []).append(number)
            if gap or any(isinstance(text, Unknown) or _is_template(text) for text in texts):
                self._open.append(number)

    def certain(self, name: Known[Text] | Unknown) -> Iterator[F]:
        """Return, in order, all that a name may surely mean, and some others."""
        return self._found(_meant(name))

    def possible(self, name: Known[Text]) -> Iterator[F]:
        """Return, in order, all that a name may mean, and some others."""
        match name.value:
            case Reference(address) if address.endswith("[*]"):
                return self._found([("within", address[:-2])])
            case Reference(address):
                return self._found([_addressed(f"{each}[*]") for each in (address, _keyless(name.value))])
            case str():
                return self._found(_meant(name), self._open)
            case Template():
                return iter(self._facts)

    def _found(self, handles: Iterable[_Handle | None], more: Iterable[int] = ()) -> Iterator[F]:
        numbers = {number for handle in handles if handle is not None for number in self._by.get(handle, ())}
        return (self._facts[number] for number in sorted(numbers.union(more)))


_index: Memory[[tuple[Any, ...]], _Index[Any]] = Memory(_Index, most=256)


def _addressed(address: str) -> _Handle:
    return ("address", address)


def _beginnings(address: str) -> Iterator[_Handle]:
    """Yield what an address is found by whose key is not known (`aws_instance.web[*]`)."""
    return (("within", address[: found.end()]) for found in re.finditer(r"\[", address))


def _handle(text: Value[Any]) -> _Handle | None:
    """Return by what an object of this name is surely found; None where no name means it for sure."""
    match text:
        case Unknown(Why.UNRESOLVED_INPUT, _, detail):
            return ("unknown", detail)
        case Known(Reference(address)):
            return _addressed(address)
        case Known(Template() as template):
            return ("template", _key(template))
        case Known(str() as literal):
            return ("text", literal)
        case _:
            return None


def _meant(name: Known[Text] | Unknown) -> Iterator[_Handle | None]:
    """Yield by what the objects are found that a name surely means."""
    yield _handle(name)
    match name:
        case Known(str() as text):
            yield ("text", name_in_arn(text))
        case Known(Template() as template):
            yield ("text", _in_own_account(template))
            tail = _behind_arn(template)
            yield None if tail is None else _addressed(tail.address)
        case _:
            return


def _is_template(text: Value[Any]) -> bool:
    return isinstance(text, Known) and isinstance(text.value, Template)


def _texts(fact: Fact) -> tuple[list[Value[Any]], bool]:
    """Return the names of a fact, and whether it may have others."""
    if isinstance(fact, Key):
        return [fact.name, *(Known(alias, fact.origin) for alias in fact.aliases.items)], fact.aliases.gap is not None
    return [fact.name], False


def names(name: Known[Text] | Unknown, fact: Fact) -> bool | None:
    """Say whether `name` means `fact`; None where that cannot be told."""
    texts, gap = _texts(fact)
    if isinstance(name, Unknown):
        return True if name in texts and name.why is Why.UNRESOLVED_INPUT else None
    value = name.value
    if isinstance(value, Reference):
        return _by_reference(value, fact, texts)
    tail = _behind_arn(value)
    if tail is not None and _by_reference(tail, fact, texts):
        return True
    answers = [_same_text(value, text) for text in texts]
    if True in answers:
        return True
    return None if None in answers or gap else False


def _behind_arn(value: str | Template) -> Reference | None:
    """Return the reference that an ARN ends in; behind any other text (`backup-${…}`) it names something else."""
    match value:
        case Template(parts=(*head, Reference() as tail)):
            written = "".join(part if isinstance(part, str) else "*" for part in head)
            return tail if _ARN_HEAD.fullmatch(written) else None
        case _:
            return None


def _by_reference(reference: Reference, fact: Fact, texts: list[Value[Any]]) -> bool | None:
    if reference.address == fact.address:
        return True
    for text in texts:
        if isinstance(text, Known) and isinstance(text.value, Reference) and text.value.address == reference.address:
            return True
    if reference.address.endswith("[*]"):
        return None if fact.address.startswith(reference.address[:-2]) else False
    return None if fact.address == f"{reference.address}[*]" or fact.address == f"{_keyless(reference)}[*]" else False


def _keyless(reference: Reference) -> str:
    return re.sub(r"\[[^\]]*\]$", "", reference.address)


def _same_text(wanted: str | Template, text: Value[Any]) -> bool | None:
    match text:
        case Absent():
            return False
        case Unknown():
            return None
        case Known(Reference()):
            return None if isinstance(wanted, Template) else False
        case Known(str() | Template() as actual):
            return _compare(wanted, actual)
        case Known():
            return False


def _compare(wanted: str | Template, actual: str | Template) -> bool | None:
    if isinstance(wanted, str) and isinstance(actual, str):
        return actual in {wanted, name_in_arn(wanted)}
    if isinstance(wanted, Template) and isinstance(actual, Template):
        return True if _is_one_text(wanted) and _key(wanted) == _key(actual) else None
    template, literal = (wanted, actual) if isinstance(wanted, Template) else (actual, wanted)
    if isinstance(template, Template) and isinstance(literal, str):
        if _in_own_account(template) == literal:
            return True
        return None if could_be(template, literal) else False
    return None


def _in_own_account(template: Template) -> str | None:
    """Return the name that an ARN of an IAM object ends in, where only the account and the partition are left open."""
    open_parts = [part for part in template.parts if not isinstance(part, str)]
    if not all(isinstance(part, Reference) and resource_type(part) in _OWN for part in open_parts):
        return None
    written = "".join(part if isinstance(part, str) else "*" for part in template.parts)
    found = re.fullmatch(rf"arn:[^:]*:{_IAM}([^/*]+)", written)
    return found[1] if found else None


def _is_one_text(template: Template) -> bool:
    """Say whether the text is the same wherever it stands: `x[*]` may mean another instance each time."""
    return not any(isinstance(part, Reference) and "[*]" in part.address for part in template.parts)


def could_be(template: Template, literal: str) -> bool:
    """Say whether the text with holes may turn out to be `literal` (or an ARN that ends in it)."""
    pattern = "".join(re.escape(part) if isinstance(part, str) else ".*" for part in template.parts)
    return any(re.fullmatch(pattern, text, re.DOTALL) for text in (literal, name_in_arn(literal)))


def name_in_arn(text: str) -> str:
    """Return the name that an ARN of a bucket, log group or key ends in; any other text as it is."""
    found = _ARN_NAME.match(text)
    return found.group(1) if found else text


_PLACE = re.compile(r"arn:[^:]*:(?:kms|logs):([a-z]{2,}(?:-[a-z]+)+-\d+):(?:(\d{12}):)?")


def place_in_arn(text: Text) -> tuple[str, str]:
    """Return the Region and the account that the ARN of a key or log group names, as far as they are written out."""
    head = text.parts[0] if isinstance(text, Template) and text.parts else text
    found = _PLACE.match(head) if isinstance(head, str) else None
    return ("", "") if found is None else (found[1], found[2] or "")


def _key(template: Template) -> tuple[object, ...]:
    return tuple((part.why, part.detail, part.at) if isinstance(part, Unknown) else part for part in template.parts)


def _read(text: Text) -> str:
    return f'"{text}"' if isinstance(text, str) else str(text)
