"""What is asked of values, and the three-valued answers: yes, no, or what was missing to tell.

Every question is total: an unknown passes through with its reason, and whoever asks says what absence means. What a
question returns has no truth value either. `match` stays for what is really a case.
"""

from collections.abc import Callable, Iterable
from typing import Any, TypeAlias, TypeVar

from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import (
    Absent,
    Items,
    Known,
    Record,
    Reference,
    Repeated,
    Template,
    Text,
    Unknown,
    Value,
    Why,
)

T = TypeVar("T")
U = TypeVar("U")

Answer: TypeAlias = Known[bool] | Unknown
"""The answer to a yes-or-no question: yes, no, or what was missing to tell."""


def unanswered(gap: Unknown) -> Unknown:
    """Return the gap as an answer.

    The branches of an undecided conditional are values of the thing that was asked about, not answers: they go.
    """
    return Unknown(gap.why, gap.at, gap.detail) if gap.one_of or isinstance(gap, Repeated) else gap


def unsupported(at: Origin, detail: str) -> Unknown:
    """Return the answer to a question we cannot judge yet."""
    return Unknown(Why.UNSUPPORTED, at, detail)


def is_yes(answer: Answer) -> bool:
    """Say whether the answer is known to be yes."""
    match answer:
        case Known(flag, _):
            return flag
        case Unknown():
            return False


def is_no(answer: Answer) -> bool:
    """Say whether the answer is known to be no."""
    match answer:
        case Known(flag, _):
            return not flag
        case Unknown():
            return False


def negated(answer: Answer) -> Answer:
    """Turn yes into no and no into yes."""
    match answer:
        case Known(flag, at):
            return Known(not flag, at)
        case Unknown() as gap:
            return gap


def every(answers: Iterable[Answer], at: Origin) -> Answer:
    """Say whether all answers are yes: one no settles it, whatever is not known beside it."""
    gap: Unknown | None = None
    for answer in answers:
        match answer:
            case Known(flag, _):
                if not flag:
                    return answer
            case Unknown():
                gap = unanswered(answer) if gap is None else gap
    return Known(True, at) if gap is None else gap


def some(answers: Iterable[Answer], at: Origin) -> Answer:
    """Say whether at least one answer is yes: one yes settles it, whatever is not known beside it."""
    return negated(every((negated(answer) for answer in answers), at))


def ask(value: Value[T], test: Callable[[T], bool | Answer], *, absent: bool) -> Answer:
    """Return the answer of a test of what is known; `absent` is the answer where nothing is set.

    A test that answers with a place of its own keeps it; plain yes and no stand where the value was read.
    """
    match value:
        case Known(content, at):
            found = test(content)
            if isinstance(found, Known):
                return found
            return unanswered(found) if isinstance(found, Unknown) else Known(found, at)
        case Absent(at):
            return Known(absent, at)
        case Unknown() as gap:
            return unanswered(gap)


def flag(value: Value[bool], *, absent: bool) -> Answer:
    """Return a switch as an answer; `absent` is its position where nobody has set it."""
    return ask(value, bool, absent=absent)


def certainly(value: Value[T], test: Callable[[T], bool], *, absent: bool = False) -> bool:
    """Say whether a test of what is known holds, for certain: what is unknown is never certain.

    For choosing what to say or to propose, never for a verdict: `ask` keeps the reason of what is unknown.
    """
    match value:
        case Known(content):
            return test(content)
        case Absent():
            return absent
        case Unknown():
            return False


def mapped(value: Value[T], change: Callable[[T], U]) -> Value[U]:
    """Return what a function makes of the known content, read at the same place."""
    match value:
        case Known(content, at):
            return Known(change(content), at)
        case Absent() | Unknown():
            return value


def chained(value: Value[T], change: Callable[[Known[T]], Value[U]]) -> Value[U]:
    """Return what a function of the known value tells, which may be nothing again."""
    match value:
        case Known() as known:
            return change(known)
        case Absent() | Unknown():
            return value


def known_or(value: Value[T], other: U) -> T | U:
    """Return the content where it is known, and `other` where it is absent or unknown: for messages and names."""
    match value:
        case Known(content):
            return content
        case Absent() | Unknown():
            return other


def literal(value: Value[Any]) -> str | None:
    """Return the text where every letter of it is known: of a reference, or a text with holes, it is not."""
    content = known_or(value, None)
    return content if isinstance(content, str) else None


def as_items(value: Value[object]) -> Items:
    """Return a list as its members: none where it is absent, and where it is unknown, nothing but the rest.

    What is no list, though one belongs there, cannot be read: it is an unknown rest, never an empty list.
    """
    match value:
        case Known(Items() as items):
            return items
        case Known(content, at):
            return Items((), _misplaced(content, at, "a list"))
        case Absent():
            return Items(())
        case Unknown() as gap:
            return Items((), gap)


def as_record(value: Value[object]) -> Record:
    """Return a map as its members, in the manner of `as_items`."""
    match value:
        case Known(Record() as record):
            return record
        case Known(content, at):
            return Record({}, _misplaced(content, at, "an object"))
        case Absent():
            return Record({})
        case Unknown() as gap:
            return Record({}, gap)


def each(value: Value[object]) -> tuple[Value[Any], ...]:
    """Return the members of a list, with the unknown rest of them last; none where it is absent."""
    listed = as_items(value)
    return listed.items if listed.rest is None else (*listed.items, listed.rest)


def contents(value: Value[object]) -> tuple[Any, ...]:
    """Return what the known members of a list hold, in order: for choosing and naming, as there may be more."""
    return tuple(item.value for item in as_items(value).items if isinstance(item, Known))


def text_of(value: Value[object]) -> Value[str]:
    """Return a text of which every part is known; one with a hole, or of another object, is not known yet.

    What is no text, though one belongs there, cannot be read.
    """
    return chained(value, _spelled_out)


def _spelled_out(known: Known[object]) -> Value[str]:
    match known.value:
        case str() as text:
            return Known(text, known.at, defaulted=known.defaulted, raw=known.raw)
        case Template(parts):
            return hole(parts, known.at)
        case Reference() as reference:
            return Unknown(Why.COMPUTED, known.at, f"{reference}, known after apply")
        case content:
            return _misplaced(content, known.at, "a string")


_KINDS = (
    (bool, "a boolean"),
    ((int, float), "a number"),
    ((str, Template, Reference), "a string"),
    (Items, "a list"),
    (Record, "an object"),
)


def _misplaced(content: object, at: Origin, wanted: str) -> Unknown:
    """Return why something else cannot be read where `wanted` belongs; the content itself may be secret."""
    found = next((words for kind, words in _KINDS if isinstance(content, kind)), "something else")
    return Unknown(Why.UNPARSEABLE, at, f"found {found}, expected {wanted}")


def text_in(value: Value[Any], otherwise: str) -> Value[str]:
    """Return what should be a text, where anything may stand; what is none cannot be read, as `otherwise` says."""
    if isinstance(value, Known) and not isinstance(value.value, str | Reference | Template):
        return Unknown(Why.UNPARSEABLE, value.at, otherwise)
    return text_of(value)


def hole(parts: tuple[str | Reference | Unknown, ...], at: Origin) -> Unknown:
    """Return why a text with holes is not known in full."""
    for part in parts:
        if isinstance(part, Unknown):
            return unanswered(part)
    return Unknown(Why.COMPUTED, at, f"{Template(parts)}, known after apply")


def setting(value: Value[Text]) -> Value[Text]:
    """Return the value as a setting: a blank text is not set, and one made of unknown holes may be empty."""
    match value:
        case Known(str() as text, at) if not text.strip():
            return Absent(at)
        case Known(Template(parts)) if all(isinstance(part, Unknown) or part == "" for part in parts):
            return hole(parts, value.at)
        case Known() | Absent() | Unknown():
            return value
