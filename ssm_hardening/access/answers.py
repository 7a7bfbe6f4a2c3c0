"""What the access view says: for each person and question yes, no or undecided, and the paths that make it so."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from ssm_hardening.core.logic import known_or, mapped, unanswered
from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Unknown
from ssm_hardening.iam.decisions import Allowed, Decision, Denied, Undetermined
from ssm_hardening.iam.examples import example_of_all
from ssm_hardening.iam.requests import Counterexample
from ssm_hardening.iam.statements import Statement

ALL_NODES = "all"
"""What the matrix shows of somebody whose policies grant sessions on every node."""


class Topic(StrEnum):
    """What is asked of each person, in the order it is shown."""

    NODES = "nodes"
    UNRECORDED = "unrecorded"
    ROOT = "root"
    PREFERENCES = "preferences"
    COMMANDS = "commands"
    SHELLS = "shells"
    ESCALATION = "escalation"


class Told(StrEnum):
    """An answer."""

    YES = "yes"
    NO = "no"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Link:
    """One thing on a path, as a person would name it, and where it stands."""

    what: str
    at: Origin


@dataclass(frozen=True, slots=True)
class Path:
    """What the policies grant, and what makes it so, in order.

    `does` is a phrase (`start a session`), `on` the nodes it is about, `using` the document, `outcome` what follows;
    empty where the phrase says all.
    """

    does: str
    links: tuple[Link, ...]
    on: str = ""
    using: str = ""
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class OpenPath:
    """What the policies may grant beside what they grant, and what was missing to tell."""

    path: Path
    why: Unknown

    def __str__(self) -> str:
        """Return both in a line."""
        on, using = (self.path.on and f" on {self.path.on}", self.path.using and f" with {self.path.using}")
        return f"{self.path.does}{on}{using}: {self.why.detail}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonAnswer:
    """The answer to one question about one person.

    `short` is what a matrix shows, `paths` what makes a yes true, `undecided` what may be granted beside, and
    `example` a request that is allowed. `why` is what was missing where it is undecided; of a yes, which policy was not
    read and may deny it. `denied_by` are the control policies that deny what all other policies grant.
    """

    asked: Topic
    told: Told
    short: str
    paths: tuple[Path, ...] = ()
    undecided: tuple[OpenPath, ...] = ()
    why: Unknown | None = None
    example: Counterexample | None = None
    denied_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Granted:
    """One thing that was asked of the policies, what they say of it, and what leads there."""

    does: str
    decision: Decision
    links: tuple[Link, ...] = ()
    on: str = ""
    using: str = ""
    outcome: str = ""

    @property
    def path(self) -> Path:
        """The path, where the decision is that it is granted."""
        return Path(self.does, self.links, self.on, self.using, self.outcome)


def cell_of(asked: Topic, granted: Iterable[Granted], *, short: str = "yes") -> PersonAnswer:
    """Return yes where something is granted, no where all is denied, else what was missing to tell."""
    found = list(granted)
    allowed = [each for each in found if isinstance(each.decision, Allowed)]
    if allowed:
        paths = tuple(each.path for each in allowed)
        first = next(each.decision for each in found if isinstance(each.decision, Allowed))
        return PersonAnswer(
            asked=asked,
            told=Told.YES,
            short=short,
            paths=paths,
            undecided=tuple(_undecided_beside(found, paths)),
            why=unless_denied(allowed),
            example=example_of_all(*each_of(first)),
        )
    open_ = next((each.decision for each in found if isinstance(each.decision, Undetermined)), None)
    return refused(asked) if open_ is None else undecided(asked, open_.why)


def _undecided_beside(found: Iterable[Granted], paths: tuple[Path, ...]) -> Iterator[OpenPath]:
    """Yield what may be granted too; what is granted for certain, on other nodes, is no news."""
    sure = {(path.does, path.using) for path in paths}
    for each in found:
        if isinstance(each.decision, Undetermined) and (each.does, each.using) not in sure:
            sure.add((each.does, each.using))
            yield OpenPath(each.path, each.decision.why)


def unless_denied(granted: Iterable[Granted]) -> Unknown | None:
    """Say which policies, not read, may deny all of these; None where one of them is certain."""
    unless = [each.decision.unless for each in granted if isinstance(each.decision, Allowed)]
    return None if any(each is None for each in unless) else next(iter(unless), None)


def refused(asked: Topic) -> PersonAnswer:
    """Return that no policy grants it."""
    return PersonAnswer(asked=asked, told=Told.NO, short="no")


def undecided(asked: Topic, why: Unknown) -> PersonAnswer:
    """Return that it is unknown."""
    return PersonAnswer(asked=asked, told=Told.UNDECIDED, short="?", why=unanswered(why))


def softened(cell: PersonAnswer, doubt: Unknown | None) -> PersonAnswer:
    """Return the cell of somebody who may not exist at all: a yes is not certain any more."""
    if doubt is None or cell.told is not Told.YES:
        return cell
    return replace(undecided(cell.asked, doubt), paths=cell.paths)


def best(decisions: Iterable[Decision]) -> Decision:
    """Return the first Allowed, else what cannot be told, else the refusal: one grant is enough."""
    open_: Undetermined | None = None
    refusal = Denied(None, "no statement allows it")
    for decision in decisions:
        match decision:
            case Allowed():
                return decision
            case Undetermined():
                open_ = decision if open_ is None else open_
            case Denied():
                refusal = decision
    return refusal if open_ is None else open_


def together(decisions: Iterable[Decision]) -> Decision:
    """Return the first refusal, else what cannot be told, else the last grant, beside all others: all are needed.

    What takes back any of the grants takes back all of them.
    """
    open_: Undetermined | None = None
    last: Decision = Denied(None, "no statement allows it")
    unless: Unknown | None = None
    found: list[Allowed] = []
    for decision in decisions:
        match decision:
            case Denied():
                return decision
            case Undetermined():
                open_ = decision if open_ is None else open_
            case Allowed():
                unless = decision.unless if unless is None else unless
                last = replace(decision, unless=unless, beside=tuple(found + list(decision.beside)))
                found += each_of(decision)
    return last if open_ is None else open_


def each_of(decision: Allowed) -> tuple[Allowed, ...]:
    """Return the grants of all that was needed together, in the order in which it was asked."""
    return (*decision.beside, replace(decision, beside=()))


def statement_link(statement: Statement) -> Link:
    """Return a statement as a link: its id, where it has one."""
    return Link(known_or(mapped(statement.sid, "statement {}".format), "a statement"), statement.at)


def links_of(*decisions: Decision) -> tuple[Link, ...]:
    """Return the statements that grant these, each once."""
    return tuple(dict.fromkeys(statement_link(each.by) for each in decisions if isinstance(each, Allowed)))
