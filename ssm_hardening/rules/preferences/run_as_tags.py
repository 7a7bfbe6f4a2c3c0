"""What the tag SSMSessionRunAs of operators says: it wins over the document's default user."""

from collections.abc import Iterator

from ssm_hardening.core.values import Absent, Known, Record, Reference, Template, Unknown, Value, Why
from ssm_hardening.model import Account, Group
from ssm_hardening.rules.kit.settings import Check, Problem, literal, shown
from ssm_hardening.rules.people.operators import Caller, operators

_TAG = "SSMSessionRunAs"


def privileged_by_tag(account: Account, forbidden: tuple[str, ...]) -> Iterator[Check]:
    """Yield the operators whose tag names a privileged user, and why that cannot be told.

    What this source never reads yields nothing: the rule's message says that a tag may say otherwise.
    """
    found = operators.select(account)
    yield from _gap(found.gap)
    for caller in found:
        for check in _of_caller(caller, forbidden):
            doubt = caller.exists if isinstance(caller.exists, Unknown) else caller.doubt
            yield check if isinstance(check, Unknown) or doubt is None else doubt


def _gap(gap: Unknown | None) -> Iterator[Unknown]:
    if gap is not None and gap.why is not Why.OUT_OF_SCOPE:
        yield gap


def _of_caller(caller: Caller, forbidden: tuple[str, ...]) -> Iterator[Check]:
    fact = caller.person.fact
    if isinstance(fact, Group):
        return
    match fact.tags:
        case Known(Record() as tags, at):
            yield from _of_tag(caller, tags.get(_TAG, at), forbidden)
        case Unknown() as gap:
            yield from _gap(gap)
        case Absent():
            return


def _of_tag(caller: Caller, tag: Value[object], forbidden: tuple[str, ...]) -> Iterator[Check]:
    match tag:
        case Known(str() | Reference() | Template() as text, at):
            user = literal(Known(text, at))
            if isinstance(user, Unknown):
                yield user
            elif user in forbidden:
                yield Problem(at, f"the tag {_TAG} of {caller.address} makes its sessions run as {shown(user)}")
        case Known(_, at):
            yield Unknown(Why.UNPARSEABLE, at, f"the tag {_TAG}, which is not a text")
        case Unknown() as gap:
            yield gap
        case Absent():
            return
