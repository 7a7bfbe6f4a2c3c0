"""What the rules over people share: who is judged, who may do everything, and verdicts out of decisions."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from ssm_hardening.access.people import Person, as_read, people
from ssm_hardening.access.requests import START, may, request
from ssm_hardening.access.unattached import holders
from ssm_hardening.core.logic import Answer, every, is_no, is_yes, known_or, some, text_of, unanswered
from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Absent, Inventory, Items, Known, Record, Template, Unknown, Value, Why
from ssm_hardening.iam.analysis import applies_to, caveat, has_effect, speaking
from ssm_hardening.iam.decisions import Allowed, Decision, Denied, Request, Undetermined, concerns, surely
from ssm_hardening.iam.places import regions_named
from ssm_hardening.iam.powers import fits
from ssm_hardening.iam.requests import heard_apart, joined, own_arn
from ssm_hardening.iam.statements import Statement
from ssm_hardening.iam.texts import glob, members
from ssm_hardening.model import Account
from ssm_hardening.model.scope import is_used, region_of
from ssm_hardening.rules.kit.checks import Check, Problem, conclude, too_much
from ssm_hardening.rules.people.subjects import (
    JudgedPerson,
    judged_person,
    not_a_person,
    prefaced,
    stands_for_holder,
)
from ssm_hardening.rules.registry import Context, Selector, Standing
from ssm_hardening.verdicts.findings import Failed, NotApplicable, Passed, Undecided, Verdict

ADMINISTRATOR = "an administrator: its policies grant everything (see OPER-06)"
_RESERVED = "AWSReservedSSO_"
_ANY = "an arbitrary one"


def _with_holders(account: Account) -> Inventory[Person]:
    """Return people, and whoever gets a policy that is attached nowhere."""
    found, more = people(account), holders(account)
    return Inventory((*found, *more), more.gap if found.gap is None else found.gap)


def _everybody(account: Account) -> Inventory[JudgedPerson]:
    found = _with_holders(account)
    return Inventory(tuple(_one_of_all(person, account) for person in found), found.gap)


def _one_of_all(person: Person, account: Account) -> JudgedPerson:
    starts = person.elsewhere is not None and not is_no(on_some_node(person, START, account))
    return judged_person(person, not_a_person(person, starts=starts), starts=starts)


def _starting(account: Account, found: Inventory[Person]) -> Inventory[JudgedPerson]:
    answers = [(person, on_some_node(person, START, account)) for person in found]
    kept = (
        judged_person(person, _first(not_a_person(person, starts=is_yes(answer)), answer), starts=True)
        for person, answer in answers
        if not is_no(answer)
    )
    return Inventory(tuple(kept), found.gap)


def operators_of(account: Account) -> Inventory[JudgedPerson]:
    """Return the people whose policies grant sessions, or may."""
    return _starting(account, people(account))


def _operators(account: Account) -> Inventory[JudgedPerson]:
    return _starting(account, _with_holders(account))


def _first(doubt: Unknown | None, answer: Answer) -> Unknown | None:
    return answer if doubt is None and isinstance(answer, Unknown) else doubt


def _doubt(subject: JudgedPerson) -> Unknown | None:
    return subject.doubt


def _bears_on(subject: JudgedPerson, account: Account) -> bool:
    """Say whether a Region is one in which to ask what a person may do: it is used, or their policies name it."""
    return is_used(account) or region_of(account) in regions_named(subject.person.policies.identity.items)


def _standing(subject: JudgedPerson) -> Standing | None:
    return subject.standing


def _preface(subject: JudgedPerson) -> str:
    return prefaced(subject.person.fact)


_NOUN = "people whose policies grant sessions"
everybody: Selector[JudgedPerson] = Selector(
    "people (roles, permission sets, users, and groups)",
    _everybody,
    _doubt,
    preface=_preface,
    standing=_standing,
    everywhere=_bears_on,
)
operators: Selector[JudgedPerson] = Selector(
    _NOUN, _operators, _doubt, preface=_preface, standing=_standing, everywhere=_bears_on
)
callers: Selector[JudgedPerson] = Selector(_NOUN, operators_of, _doubt, everywhere=_bears_on)
"""Operators as callers of AWS: a policy by itself calls nothing, and what names the caller is in no other policy."""


def on_some_node(person: Person, action: str, account: Account) -> Answer:
    """Say whether the policies that were read grant an action on some node or other, whatever its tags."""
    return some((_on_some(person, action, account, kind) for kind in ("instance", "managed-instance")), account.at)


def some_node(person: Person, action: str, account: Account, kind: str = "instance") -> Request:
    """Return the request of an action on some node of which nothing is known."""
    service = "ec2" if kind == "instance" else "ssm"
    tail = joined(f"{kind}/", Unknown(Why.OUT_OF_SCOPE, account.at, _ANY))
    return request(account, person.fact, action, own_arn(service, tail, account.account, account.region))


def _on_some(person: Person, action: str, account: Account, kind: str) -> Answer:
    asked = some_node(person, action, account, kind)
    decision = may(person, asked)
    if isinstance(decision, Denied):
        return Known(False, account.at)
    layers = [each for each in (person.policies.identity, person.policies.boundary) if each is not None]
    read = (as_read(person).policies.identity, person.policies.boundary, *person.policies.guardrails)
    limits = [
        *(_allows(layer, asked) for layer in layers),
        *(none_denies_all(layer, asked) for layer in read if layer is not None),
    ]
    return every(limits, account.at)


def unread_policy(subject: JudgedPerson) -> Unknown | None:
    """Say which policies of somebody were not read: they may deny what others grant."""
    gap = subject.person.policies.identity.gap
    return None if gap is None else unanswered(gap)


def _allows(layer: Inventory[Statement], asked: Request) -> Answer:
    gaps = () if layer.gap is None else (unanswered(layer.gap),)
    found = (each for each, _ in speaking(layer.items, "Allow", asked.action) if not _names_no_node(each))
    return some((*(allows(statement, asked) for statement in found), *gaps), asked.account.at)


def _names_no_node(statement: Statement) -> bool:
    """Say whether a statement names other things alone, though its wildcards leave room for the ID of a node."""
    named = tuple(members(statement.resources))
    texts = [each.value for each in named if isinstance(each, Known) and isinstance(each.value, str)]
    others = [text for text in texts if not fits("node", text) and not fits("hybrid-node", text)]
    return bool(named) and len(others) == len(named)


def allows(statement: Statement, asked: Request) -> Answer:
    """Say whether a statement allows the action on what is asked about, its conditions aside."""
    answers = (has_effect(statement, "Allow"), applies_to(statement, asked.action), _concerns(statement, asked))
    return every(answers, statement.at)


def _concerns(statement: Statement, asked: Request) -> Answer:
    if is_no(concerns(statement, asked)):
        return Known(False, statement.at)
    gap = unread((statement.resources, statement.not_resources))
    return Known(True, statement.at) if gap is None else gap


def none_denies_all(layer: Inventory[Statement], asked: Request) -> Answer:
    """Say whether nothing that is not read may deny the action on every node."""
    gaps = () if layer.gap is None else (unanswered(layer.gap),)
    found = speaking(layer.items, "Deny", asked.action)
    return every((*gaps, *(_harmless(statement, asked) for statement, _ in found)), asked.account.at)


def _harmless(statement: Statement, asked: Request) -> Answer:
    denies = every((has_effect(statement, "Deny"), applies_to(statement, asked.action)), statement.at)
    if is_no(denies) or is_no(_concerns(statement, asked)):
        return Known(True, statement.at)
    if isinstance(concerns(statement, asked), Unknown):
        # It names single nodes, or an account or Region that may be this one: then it may be about all nodes.
        for place in (asked.account, asked.region):
            if isinstance(place, Unknown):
                return unanswered(place)
    gap = unread((statement.effect, statement.actions, statement.not_actions, statement.resources))
    gap = unread((statement.not_resources, statement.conditions)) if gap is None else gap
    return Known(True, statement.at) if gap is None else gap


def unread(values: Iterable[object]) -> Unknown | None:
    """Return the first thing that is not known within the values of a statement."""
    return next(_unknowns(values), None)


def _unknowns(values: Iterable[object]) -> Iterator[Unknown]:
    for value in values:
        match value:
            case Unknown():
                yield unanswered(value)
            case Known(Items(items, rest)):
                yield from _unknowns((*items, rest))
            case Known(Record(members, rest)):
                yield from _unknowns((*members.values(), rest))
            case Known(Template(parts)):
                yield from _unknowns(parts)
            case _:
                continue


def administrator(person: Person, account: Account) -> Answer:
    """Say whether the policies surely grant everything: what nobody ever named, and to write policies."""
    role = own_arn("iam", "role/Unnamed-Role", account.account, account.region, regional=False)
    asked = (("unnamed:Anything", "*"), ("iam:AttachRolePolicy", role))
    with heard_apart():
        decisions = (surely(may(person, request(account, person.fact, *each))) for each in asked)
        return every((answer(each, account.at) for each in decisions), account.at)


def answer(decision: Decision, at: Origin) -> Answer:
    """Return a decision as an answer to whether it is granted."""
    match decision:
        case Allowed(by):
            return Known(True, by.at)
        case Denied():
            return Known(False, at)
        case Undetermined(why):
            return unanswered(why)


def granted(decision: Decision, text: str) -> Iterator[Check]:
    """Yield a problem, at the granting statement, where the policies grant it, or why that is unknown."""
    match decision:
        case Allowed():
            yield too_much(decision, text)
        case Undetermined(why):
            yield why
        case Denied():
            return


def by_statement(checks: Iterable[Check], problem: Callable[[Origin, list[str]], Problem]) -> Iterator[Check]:
    """Yield one problem for all that one statement grants, out of the texts of its problems, and every gap."""
    found: dict[Origin, list[Problem]] = {}
    for check in checks:
        if isinstance(check, Unknown):
            yield check
        else:
            found.setdefault(check.at, []).append(check)
    for at, same in found.items():
        texts = dict.fromkeys(each.text for each in same)
        yield replace(problem(at, list(texts)), unless=same[0].unless, example=same[0].example)


def judged(
    subject: JudgedPerson, context: Context, checks: Callable[[], Iterable[Check]], *, passed: str, undecided: str
) -> Verdict:
    """Evaluate a person by checks, unless they may do everything: OPER-06 reports that, once."""
    return unless_administrator(
        subject, context, lambda: concluded(subject, checks(), passed=passed, undecided=undecided)
    )


def unless_administrator(subject: JudgedPerson, context: Context, verdict_of: Callable[[], Verdict]) -> Verdict:
    """Return the verdict on somebody who is no administrator; who may be one is not passed.

    A failure remains if only a policy that was not read could make an administrator: OPER-06 would fail then as well.
    Where only a policy that was not read could make less of one, OPER-06 fails, unless the standard names them.
    """
    everything = administrator(subject.person, context.account)
    if is_yes(everything):
        return NotApplicable(everything.at, ADMINISTRATOR)
    read = administrator(as_read(subject.person), context.account) if isinstance(everything, Unknown) else everything
    if is_yes(read) and is_no(is_among(subject, context.thresholds.preference_administrators)):
        return NotApplicable(read.at, f"{ADMINISTRATOR}{caveat(unread_policy(subject))}")
    verdict = verdict_of()
    if not isinstance(everything, Unknown) or not isinstance(verdict, Passed | Failed):
        return verdict
    if isinstance(verdict, Failed) and is_no(read):
        return verdict
    return Undecided(subject.origin, everything, f"if it is not an administrator: {verdict.message}")


def concluded(subject: JudgedPerson, checks: Iterable[Check], *, passed: str, undecided: str) -> Verdict:
    """Make one verdict of checks; a failure of a role that somebody else makes says where to change it."""
    verdict = conclude(subject.origin, checks, passed=Passed(subject.origin, passed), undecided=undecided)
    return replace(verdict, message=f"{verdict.message}{upstream(subject)}") if isinstance(verdict, Failed) else verdict


def upstream(subject: JudgedPerson) -> str:
    """Return where to change a role that IAM Identity Center makes; nothing for any other."""
    name = known_or(text_of(subject.name), "").rpartition("/")[2]
    if not name.startswith(_RESERVED):
        return ""
    permission_set = name.removeprefix(_RESERVED).rpartition("_")[0]
    return f" (IAM Identity Center manages this role: change the permission set {permission_set})"


def is_among(subject: JudgedPerson, patterns: tuple[str, ...]) -> Answer:
    """Say whether the standard names this role, user or group, by name or ARN."""
    if not patterns or stands_for_holder(subject.person):
        return Known(False, subject.origin)
    if any(glob(pattern, subject.address) for pattern in patterns):
        return Known(True, subject.origin)
    match subject.name:
        case Known(str() as name, at):
            return Known(any(glob(pattern, name.rpartition("/")[2]) for pattern in patterns), at)
        case Known(text, at):
            return Unknown(Why.COMPUTED, at, f"its name, {text}")
        case Unknown() as gap:
            return unanswered(gap)
        case Absent(at):
            return Known(False, at)


def context_of(asked: Request, keys: Mapping[str, Value[Items]], *, settled: tuple[str, ...] = ()) -> Request:
    """Return the request with further condition keys; of those beginning as in `settled` there are no others."""
    return replace(asked, context={**asked.context, **keys}, settled=(*asked.settled, *settled))


def granting(subject: JudgedPerson, action: str) -> Iterator[tuple[Statement, Answer]]:
    """Yield the statements that may allow an action, each with whether it surely does, its resources aside."""
    return speaking(subject.person.policies.identity.items, "Allow", action)
