"""One link of the path from a node to a recorded session: what must hold, and whether it does."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from ssm_hardening.access.people import Person
from ssm_hardening.access.stores import either
from ssm_hardening.core.logic import Answer, is_no, is_yes, unanswered
from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Absent, Known, Reference, Template, Text, Unknown, Value, Why
from ssm_hardening.iam.decisions import Allowed, Decision, Denied, Undetermined


class Step(StrEnum):
    """Where on the path a link stands, in the order a session takes it."""

    ROLE = "node role"
    NETWORK = "network"
    PREFERENCES = "preferences"
    SESSION_KEY = "session key"
    BUCKET = "log bucket"
    BUCKET_KEY = "key of the log bucket"
    GROUP = "log group"
    GROUP_KEY = "key of the log group"


@dataclass(frozen=True, slots=True)
class PathLink:
    """A link: whether it holds, and `broken`, how it reads where it does not."""

    step: Step
    answer: Answer
    at: Origin
    broken: str


def no(step: Step, at: Origin, broken: str) -> PathLink:
    """Return a link that is broken."""
    return PathLink(step, Known(False, at), at, broken)


def untold(step: Step, gap: Unknown) -> PathLink:
    """Return a link of which nothing can be told."""
    return PathLink(step, unanswered(gap), gap.at, gap.detail)


def told(step: Step, answer: Answer, broken: str) -> PathLink:
    """Return a link whose answer says all: where it is not known, the link says why, and not that it is broken."""
    return untold(step, answer) if isinstance(answer, Unknown) else PathLink(step, answer, answer.at, broken)


def right(step: Step, person: Person, action: str, decisions: Iterable[Decision], on: str) -> PathLink:
    """Return whether a role is granted an action; one way to ask of several is enough."""
    at = person.fact.origin
    match either(decisions):
        case Allowed(by):
            return PathLink(step, Known(True, by.at), by.at, "")
        case Undetermined(why):
            return PathLink(step, unanswered(why), at, f"whether {person.title} may {action} on {on}")
        case Denied(by, message):
            place = at if by is None else by.at
            return no(step, place, f"{person.title} may not {action} on {on}: {message}")


def setting(value: Value[Text]) -> Value[Text]:
    """Return a setting of a document: a blank text is not set, one that a caller fills in is not known."""
    match value:
        case Known(str() as text, at) if not text.strip():
            return Absent(at)
        case Known(text, at) if "{{" in str(text):
            return Unknown(Why.OUT_OF_SCOPE, at, f"{text} is filled in when a session is started")
        case Known(Template(parts), at) if not any(isinstance(part, str | Reference) and part != "" for part in parts):
            return Unknown(Why.COMPUTED, at, "a text of which nothing is known")
        case Known() | Absent() | Unknown():
            return value


def where(answer: Answer, link: Callable[[], PathLink], step: Step) -> tuple[PathLink, ...]:
    """Return a link that matters only where the answer is yes; where that cannot be told, only that."""
    if is_no(answer):
        return ()
    found = link()
    if isinstance(answer, Known):
        return (found,)
    return () if is_yes(found.answer) else (untold(step, answer),)
