"""Sessions of one person: on which nodes, with which documents, recorded or not, and as whom."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ssm_hardening.access.answers import (
    ALL_NODES,
    Granted,
    Link,
    PersonAnswer,
    Told,
    Topic,
    cell_of,
    links_of,
    refused,
    together,
    undecided,
)
from ssm_hardening.access.fleet import EVERY_NODE, DecidedNodes, Fleet, targets
from ssm_hardening.access.people import Person, as_person
from ssm_hardening.access.recording import UNTOLD, Recorded, Whom, never, recorded, ssm_user, untold, whom
from ssm_hardening.access.requests import (
    COMMANDS,
    UNRECORDED,
    both,
    may,
    on_document,
    on_fact_document,
    on_foreign_document,
    on_unknown_document,
)
from ssm_hardening.core.logic import Answer, is_no, literal, negated, unanswered
from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Inventory, Known, Text, Unknown, Value, Why
from ssm_hardening.iam.decisions import Allowed, Decision, Denied, Request, Undetermined
from ssm_hardening.model import LIVE, PREFERENCES_NAME, Account, Role, SessionDocument, User
from ssm_hardening.model.facts import exists
from ssm_hardening.model.governance import Session


@dataclass(frozen=True, slots=True)
class Choice:
    """A document that sessions may be started with. `whom` is None for tunnels."""

    title: str
    request: Request
    decision: Decision
    recorded: Recorded
    whom: Whom | None


@dataclass(frozen=True, slots=True)
class Start:
    """A session that is not refused: on these nodes, with this document."""

    target: DecidedNodes
    choice: Choice
    decision: Allowed | Undetermined


def starts(fleet: Fleet, person: Person) -> tuple[Start, ...]:
    """Return every session that the person's policies do not refuse."""
    nodes = [each for each in targets(fleet, person) if not isinstance(each.decision, Denied)]
    return tuple(_not_refused(nodes, _choices(fleet.account, person))) if nodes else ()


def _not_refused(nodes: Sequence[DecidedNodes], choices: Iterator[Choice]) -> Iterator[Start]:
    for choice in choices:
        for target in nodes:
            decision = both(target.decision, choice.decision, choice.request)
            if not isinstance(decision, Denied):
                yield Start(target, choice, decision)


def _choices(account: Account, person: Person) -> Iterator[Choice]:
    yield from _of_account(account, person)
    tunnel, unsure = (
        never(account, "it is a tunnel"),
        "whether AWS command documents use the logging settings of the Region",
    )
    for name in UNRECORDED:
        yield _aws_own(account, person, name, tunnel, None)
    gap = Unknown(Why.OUT_OF_SCOPE, account.at, unsure)
    for name in COMMANDS:
        whose = Whom(Unknown(Why.OUT_OF_SCOPE, account.at, "which user AWS command documents run as"), UNTOLD)
        yield _aws_own(account, person, name, untold(gap), whose)
    yield from _unapproved(account, person)


def _aws_own(account: Account, person: Person, name: str, kept: Recorded, whose: Whom | None) -> Choice:
    asked = on_document(account, person.fact, "ssm:StartSession", name, owned=False)
    return Choice(name, asked, may(person, asked), kept, whose)


def _unapproved(account: Account, person: Person) -> Iterator[Choice]:
    """Yield documents of the person's own making, and of strangers: they record nothing, and may run as root."""
    nothing = Recorded(Known(False, account.at), "not recorded if the document turns logging off")
    root = Whom(Known(True, account.at), "root, if the document says so")
    own = on_unknown_document(account, person.fact)
    making = may(person, on_unknown_document(account, person.fact, "ssm:CreateDocument"))
    yield Choice("a document that it creates", own, together((making, may(person, own))), nothing, root)
    foreign = on_foreign_document(account, person.fact)
    yield Choice("documents that other accounts share", foreign, may(person, foreign), nothing, root)


def _of_account(account: Account, person: Person) -> Iterator[Choice]:
    documents = [each for each in account.session_documents.items if _may_be_for_sessions(each)]
    if not any(literal(each.name) == PREFERENCES_NAME and isinstance(each.exists, Known) for each in documents):
        yield _defaults(account, person, documents)
    for document in documents:
        asked = on_fact_document(account, person.fact, "ssm:StartSession", document)
        decision = _if_there(may(person, asked), document)
        title = literal(document.name) or document.address
        yield Choice(title, asked, decision, recorded(document, account), whom(document, person))
    if account.session_documents.gap is not None:
        yield _unread(account, person, account.session_documents.gap)


def _if_there(decision: Decision, document: SessionDocument) -> Decision:
    if isinstance(decision, Allowed) and isinstance(document.exists, Unknown):
        return Undetermined(document.exists)
    return decision


def _may_be_for_sessions(document: SessionDocument) -> bool:
    return not is_no(exists(document)) and literal(document.document_type) in {None, "Session"}


def _defaults(account: Account, person: Person, documents: Sequence[SessionDocument]) -> Choice:
    """Return the preferences as they are where nobody made any, or where they were not read."""
    asked = on_document(account, person.fact, "ssm:StartSession", PREFERENCES_NAME)
    gap = account.session_documents.gap
    doubt = any(literal(each.name) in {None, "", PREFERENCES_NAME} for each in documents)
    if account.source == LIVE and gap is None and not doubt:
        kept = never(account, f"there is no {PREFERENCES_NAME}")
        return Choice(PREFERENCES_NAME, asked, may(person, asked), kept, ssm_user(Known(True, account.at)))
    why = Unknown(Why.OUT_OF_SCOPE, account.at, "the preferences document") if gap is None else gap
    return Choice(PREFERENCES_NAME, asked, may(person, asked), untold(why), ssm_user(unanswered(why)))


def _unread(account: Account, person: Person, gap: Unknown) -> Choice:
    """Return the documents that may be there and were not read: a policy may name one of them."""
    asked = on_unknown_document(account, person.fact)
    decision = may(person, asked)
    if not isinstance(decision, Allowed):
        decision = Undetermined(gap)
    return Choice("documents that were not read", asked, decision, untold(gap), Whom(unanswered(gap), UNTOLD))


def session_cells(fleet: Fleet, person: Person) -> tuple[PersonAnswer, ...]:
    """Return on which nodes a person may start sessions, whether any goes unrecorded, and whether any is root's."""
    found = starts(fleet, person)
    return (_nodes(fleet, found), _unrecorded(found), _root(found))


def _nodes(fleet: Fleet, found: Sequence[Start]) -> PersonAnswer:
    return cell_of(Topic.NODES, map(_granted, found), short=_short(fleet, found))


def _short(fleet: Fleet, found: Sequence[Start]) -> str:
    """Return on how many nodes, in a word or two."""
    sure = [each.target for each in found if isinstance(each.decision, Allowed)]
    if any(each.title == EVERY_NODE for each in sure):
        return ALL_NODES
    named = {node for each in sure for node in each.nodes}
    if named:
        return f"{len(named)} of {len(fleet.nodes)}"
    return "by tag" if any("tagged" in each.title for each in sure) else "some"


def _granted(start: Start) -> Granted:
    kept, whose = start.choice.recorded.text, start.choice.whom
    outcome = kept if whose is None else f"{kept}; as {whose.text}"
    return Granted("start a session", start.decision, _links(start), start.target.title, start.choice.title, outcome)


def _links(start: Start) -> tuple[Link, ...]:
    """Return the statements that grant node and document, then the roles that such a session reaches."""
    return (*links_of(start.target.decision, start.choice.decision), *start.target.roles)


def _unrecorded(found: Sequence[Start]) -> PersonAnswer:
    return _whether(Topic.UNRECORDED, [(each, negated(each.choice.recorded.answer)) for each in found])


def _root(found: Sequence[Start]) -> PersonAnswer:
    told = [(each, each.choice.whom.root) for each in found if each.choice.whom is not None]
    return _whether(Topic.ROOT, told)


def _whether(asked: Topic, found: Sequence[tuple[Start, Answer]]) -> PersonAnswer:
    """Return yes where a session that is surely granted surely is so, no where none can be."""
    sure: list[Granted] = []
    doubt: Unknown | None = None
    for start, answer in found:
        match start.decision, answer:
            case _, Known(False):
                continue
            case Allowed(), Known(True):
                sure.append(_granted(start))
            case _, Unknown() as gap:
                doubt = gap if doubt is None else doubt
            case Undetermined(why), _:
                doubt = why if doubt is None else doubt
            case _:
                continue
    if sure:
        return cell_of(asked, sure)
    return refused(asked) if doubt is None else undecided(asked, doubt)


@dataclass(frozen=True, slots=True, kw_only=True)
class Starter:
    """Somebody who started sessions in the last 30 days, by the session history.

    `owner` is the ARN in the history, None if that is unknown, `last` when the last of the sessions started. `granted`
    says whether the policies that were read grant sessions to them, and `why` what was missing to tell.
    """

    who: str
    owner: str | None
    sessions: int
    last: str | None
    granted: Told
    why: Unknown | None = None


def starters(fleet: Fleet) -> tuple[Starter, ...]:
    """Return who started sessions by the history of a live Region, those without a grant first."""
    found: dict[str | None, list[Session]] = {}
    for session in fleet.account.sessions:
        found.setdefault(literal(session.owner), []).append(session)
    told = (_starter(fleet, owner, sessions) for owner, sessions in found.items())
    return tuple(sorted(told, key=lambda each: (each.granted is not Told.NO, -each.sessions, each.who)))


def _starter(fleet: Fleet, owner: str | None, sessions: Sequence[Session]) -> Starter:
    times = [started for started in (literal(each.started) for each in sessions) if started is not None]
    answer = _of_owner(fleet, owner, sessions[0])
    return Starter(
        who=_titled(owner),
        owner=owner,
        sessions=len(sessions),
        last=max(times, default=None),
        granted=answer.told,
        why=answer.why,
    )


def _titled(owner: str | None) -> str:
    """Return whom an ARN names: `user alice`, `alice (role operators)`."""
    if owner is None:
        return "an unknown owner"
    kind, name, session = _parsed(owner)
    if kind == "assumed-role":
        return f"{session} (role {name})"
    return f"user {name}" if kind == "user" else "the root user" if kind == "root" else owner


def _parsed(owner: str) -> tuple[str, str, str]:
    """Return what an ARN is of, its name without the path, and the name of a role's session."""
    kind, *names = owner.rpartition(":")[2].split("/")
    if kind == "assumed-role":
        return kind, names[0] if names else "", "/".join(names[1:])
    return kind, names[-1] if names else "", ""


def _of_owner(fleet: Fleet, owner: str | None, session: Session) -> PersonAnswer:
    """Return whether the policies that were read grant sessions to the owner of one."""
    account, at = fleet.account, session.origin
    if owner is None:
        return _open_by(session.owner)
    named, own = owner.split(":")[4:5], literal(account.account)
    if own is not None and named != [own]:
        return _open(at, f"the policies of {owner}, which is of another account")
    kind, name, _ = _parsed(owner)
    if kind == "root":
        return PersonAnswer(asked=Topic.NODES, told=Told.YES, short=ALL_NODES)
    facts: Inventory[User] | Inventory[Role] = account.users if kind == "user" else account.roles
    for fact in facts:
        if literal(fact.name) == name:
            return _nodes(fleet, starts(fleet, as_person(fact, account)))
    return refused(Topic.NODES) if facts.gap is None else undecided(Topic.NODES, facts.gap)


def _open(at: Origin, detail: str) -> PersonAnswer:
    return undecided(Topic.NODES, Unknown(Why.OUT_OF_SCOPE, at, detail))


def _open_by(owner: Value[Text]) -> PersonAnswer:
    gap = owner if isinstance(owner, Unknown) else Unknown(Why.COMPUTED, owner.at, "who started the session")
    return undecided(Topic.NODES, gap)
