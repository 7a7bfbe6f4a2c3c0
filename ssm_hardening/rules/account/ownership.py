"""Who writes the preferences: ACCT-07."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ssm_hardening.core.logic import Answer, ask, is_no, is_yes, known_or, mapped, text_of
from ssm_hardening.core.values import Known, Text, Unknown, Value, Why
from ssm_hardening.model import Account, SessionDocument
from ssm_hardening.rules.kit.checks import gaps
from ssm_hardening.rules.kit.sources import only_live
from ssm_hardening.rules.kit.subjects import preferences
from ssm_hardening.rules.registry import Context, Selector, rule
from ssm_hardening.verdicts.findings import (
    Confidence,
    Failed,
    Passed,
    Question,
    Related,
    Requirement,
    Severity,
    Undecided,
    Verdict,
)

if TYPE_CHECKING:
    # Loaded on demand: the pre-commit check, which reads code, never needs them.
    from ssm_hardening.model import DocumentEvent, Ownership

_UNTOLD = "whether the preferences have one owner cannot be told"
_ASSUMED = re.compile(r"^(arn:[^:]*:)sts(::\d*:)assumed-role/([^/]+)/.*$")

_owned = Selector(
    preferences.noun, preferences.select, preferences.doubt, silence=only_live("who else writes the preferences")
)


@rule(
    id="ACCT-07",
    title="Preferences have one owner",
    severity=Severity.MEDIUM,
    confidence=Confidence.REPORTED,
    over=_owned,
    question=Question.AUDIT,
    requirement=Requirement.AUDITING,
    manual=(
        "the owners have to agree on one of them: take SSM-SessionManagerRunShell out of the others' stacks and code, "
        "and give everybody else a Deny on ssm:UpdateDocument for it"
    ),
)
def has_one_owner(document: SessionDocument, context: Context) -> Verdict:
    """There is one preferences document in a Region, and stacks that both bring it write over one another's.

    Users report it of landing zones beside application stacks: logging that was switched on is off after the next
    deployment of the other. Owners are told by tags (CloudFormation, StackSets, Quick Setup, Control Tower, Landing
    Zone Accelerator, Terraform), writers by the trail's events of the last 90 days; a role counts once, whoever holds
    it.

    It cannot tell where tags or the trail's events could not be read, or where neither names anybody.

    Reference: awslabs/landing-zone-accelerator-on-aws#29 and #867; aws-samples/pcluster-manager#325.
    """
    owners = [each for each in context.account.owners.items if each.of == document.address]
    writers = [each for each in context.account.document_events.items if not is_no(_is_about(each, document))]
    claims = {name: each for each in owners if (name := _owner(each)) is not None}
    hands = {hand: each for each in writers if is_yes(_is_about(each, document)) and (hand := _hand(each)) is not None}
    if len(claims) > 1:
        return _contested(document, "is claimed by", tuple(claims), ())
    if len(hands) > 1:
        events = tuple(
            Related(each.origin, f"{known_or(each.event, 'a write')} by {hand}") for hand, each in hands.items()
        )
        return _contested(document, "was written by", tuple(hands), events)
    for gap in _gaps(context.account, owners, writers):
        return Undecided(document.origin, gap, _UNTOLD)
    return _single(document, (*claims, *hands))


def _contested(document: SessionDocument, what: str, names: tuple[str, ...], related: tuple[Related, ...]) -> Verdict:
    return Failed(document.origin, f"the document {what} {' and '.join(sorted(names))}", related=related)


def _single(document: SessionDocument, names: tuple[str, ...]) -> Verdict:
    if names:
        return Passed(document.origin, f"nobody but {names[0]} is known to write the document")
    nobody = Unknown(Why.OUT_OF_SCOPE, document.origin, "whose the document is: no tag and no event of the trail tells")
    return Undecided(document.origin, nobody, _UNTOLD)


def _owner(each: "Ownership") -> str | None:
    """Return the owner with his own name, as a person would read it; None where nobody is known."""
    if not isinstance(each.owner, Known) or isinstance(each.name, Unknown):
        return None
    return f"{each.owner.value}{known_or(mapped(each.name, ' ({})'.format), '')}"


def _hand(event: "DocumentEvent") -> str | None:
    return known_or(mapped(event.principal, lambda text: _ASSUMED.sub(r"\1iam\2role/\3", str(text))), None)


def _is_about(event: "DocumentEvent", document: SessionDocument) -> Answer:
    """Say whether the event wrote this document."""
    name = text_of(document.name)
    return ask(
        text_of(event.document),
        lambda written: name if isinstance(name, Unknown) else written.rpartition("/")[2] == known_or(name, None),
        absent=False,
    )


def _gaps(account: Account, owners: "list[Ownership]", writers: "list[DocumentEvent]") -> Iterator[Unknown]:
    values: list[Value[Text]] = [value for each in owners for value in (each.owner, each.name)]
    values += [value for each in writers for value in (each.document, each.principal)]
    yield from gaps(*values, account.owners.gap, account.document_events.gap)
