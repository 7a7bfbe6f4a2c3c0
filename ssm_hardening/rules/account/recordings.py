"""Would a session be recorded, and was it: PATH-01 (from node to recording, link by link) and REC-01."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, TypeAlias

from ssm_hardening.access.credentials import lender_of
from ssm_hardening.access.path_links import PathLink, Step
from ssm_hardening.access.paths import broken, open_links, path_of
from ssm_hardening.core.logic import Answer, ask, certainly, is_no, is_yes, text_of, unanswered
from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Absent, Inventory, Known, Text, Unknown, Value, Why
from ssm_hardening.model import PREFERENCES_NAME, Account, SessionDocument
from ssm_hardening.model.facts import exists
from ssm_hardening.model.placeholders import fixed_setting
from ssm_hardening.model.session import aws_defaults
from ssm_hardening.rules.kit.checks import gaps, is_set, required, shown
from ssm_hardening.rules.kit.sources import only_live, told, unless_declared
from ssm_hardening.rules.kit.subjects import in_another_version, in_force, of_launched, preferences_arn
from ssm_hardening.rules.registry import Context, Selector, rule
from ssm_hardening.verdicts.findings import (
    Failed,
    NotApplicable,
    Passed,
    Related,
    Requirement,
    Severity,
    Undecided,
    Verdict,
)

if TYPE_CHECKING:
    # Loaded on demand: the pre-commit check, which reads code, never needs them.
    from ssm_hardening.model import Instance, Session


_TUNNEL = re.compile(r"AWS-Start(?:SSHSession|PortForwarding\w*)")
"""AWS's own documents of type Port."""


@dataclass(frozen=True, slots=True)
class Tunnel:
    """The session carried a connection, of which nothing can be recorded; `document` names what it ran with."""

    document: str


Ran: TypeAlias = Tunnel | SessionDocument | Unknown


def document_of(session: "Session", account: Account) -> Ran:
    """Return what a session ran with; a document stands for its content of today."""
    name = text_of(session.document)
    if isinstance(name, Absent):
        return _preferences(account, name.at)
    return name if isinstance(name, Unknown) else _named(name.value, account, name.at)


def _named(name: str, account: Account, at: Origin) -> Ran:
    if _TUNNEL.fullmatch(name.rpartition("/")[2]):
        return Tunnel(name)
    if name == PREFERENCES_NAME:
        return _preferences(account, at)
    answers = [(document, _is_named(document, name)) for document in account.session_documents.items]
    gone = Unknown(Why.OUT_OF_SCOPE, at, f"the content of the document {name}, which is not in this account")
    return _one_of(answers, account, gone)


def _preferences(account: Account, at: Origin) -> Ran:
    answers = [(document, in_force(document)) for document in account.session_documents.items]
    arn = preferences_arn(account)
    return _one_of(answers, account, aws_defaults(arn if isinstance(arn, str) else PREFERENCES_NAME, Known(True, at)))


def _one_of(answers: list[tuple[SessionDocument, Answer]], account: Account, otherwise: Ran) -> Ran:
    for document, answer in answers:
        if is_yes(answer):
            return _tunnel_or(document)
    return next(gaps(*(answer for _, answer in answers), account.session_documents.gap), otherwise)


def _is_named(document: SessionDocument, name: str) -> Answer:
    if name == document.address:
        return exists(document)
    named = ask(text_of(document.name), lambda text: text == name, absent=False)
    return exists(document) if is_yes(named) else named


def _tunnel_or(document: SessionDocument) -> Ran:
    kind = text_of(document.session_type)
    if isinstance(kind, Unknown):
        return kind
    return Tunnel(document.address) if certainly(kind, lambda word: word == "Port") else document


def changed_since(session: "Session", document: SessionDocument) -> Answer:
    """Say whether the document's content is younger than the session."""
    at = document.changed.at
    if isinstance(document.changed, Absent):
        return Known(False, at)
    started, changed = moment(session.started), moment(document.changed)
    if isinstance(started, Unknown):
        return started
    return changed if isinstance(changed, Unknown) else Known(started < changed, at)


def moment(time: Value[Text]) -> datetime | Unknown:
    """Return a time of the history."""
    text = required(text_of(time), Why.UNPARSEABLE, "a missing time")
    return text if isinstance(text, Unknown) else _parsed(text.value, text.at)


def _parsed(text: str, at: Origin) -> datetime | Unknown:
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        return Unknown(Why.UNPARSEABLE, at, f"{text[:40]!r} is not a time")
    return Unknown(Why.UNPARSEABLE, at, f"{text} has no time zone") if parsed.tzinfo is None else parsed


_UNTOLD = "whether the session was recorded is unknown"

history: "Selector[Session]" = Selector(
    "sessions in the session history", lambda account: account.sessions, silence=only_live("which sessions took place")
)


@rule(
    id="REC-01",
    title="Ended sessions were recorded",
    headline="Session recording is missing",
    severity=Severity.HIGH,
    may=(Severity.MEDIUM,),
    over=history,
    manual=(
        "a missing recording cannot be restored: look for the upload error in the agent log on the node "
        "(amazon-ssm-agent.log), and check the permissions of its role on the bucket and the log group"
    ),
    follows=("PREF-03",),
)
def was_recorded(session: "Session", context: Context) -> Verdict:
    """Configured does not mean recorded: a failed upload is only a line in the agent log, and the session continues.

    Each session of the last 30 days must be in every bucket and log group that its document names. Only names are
    listed: the object `<prefix>/<id>.log` and the log stream. A recording that is in only one of two places is medium.
    A session whose document names neither was not recorded. Tunnels (SSH, port forwarding), which cannot be recorded,
    and sessions that are still running or never started are not evaluated. An expired recording counts as missing.

    Undecided when a bucket or log group could not be listed, or when the document of the session is unknown or
    was changed after the session started.

    Reference: AWS Systems Manager User Guide, "Logging session activity"; API reference, DescribeSessions.
    """
    early = _too_early(session)
    if early is not None:
        return early
    document = document_of(session, context.account)
    match document:
        case Tunnel(name):
            return NotApplicable(session.origin, f"a tunnel cannot be recorded ({name}); see ACCT-05")
        case Unknown() as gap:
            return Undecided(session.origin, gap, _UNTOLD)
        case SessionDocument():
            return _looked_for(session, document)


def _too_early(session: "Session") -> Verdict | None:
    """Return what there is to say of a session that never started or has not ended; None of an ended one."""
    match session.status:
        case Known("Failed", at):
            return NotApplicable(at, "the session never started, so there is nothing to record")
        case Unknown() as gap:
            return Undecided(session.origin, gap, _UNTOLD)
        case Known() | Absent():
            pass
    match session.ended:
        case Absent(at):
            return NotApplicable(at, "the session is still running")
        case Unknown() as gap:
            return Undecided(session.origin, gap, _UNTOLD)
        case Known():
            return None


@dataclass(frozen=True, slots=True)
class _Store:
    """A store that the document names or may name, and whether it holds the session."""

    text: str
    at: Origin
    holds: Answer


def _looked_for(session: "Session", document: SessionDocument) -> Verdict:
    doubt = _doubt(session, document)
    stores = tuple(_stores(session, document, doubt))
    if not stores and doubt is None:
        text = "the session was not recorded: its document sets neither a bucket nor a log group"
        return Failed(session.origin, text, headline="Session was not recorded", follows=(document.origin,))
    missing = [store for store in stores if is_no(store.holds)]
    if missing:
        severity = Severity.MEDIUM if len(missing) < len(stores) else None
        text = f"the session is not in {' or '.join(store.text for store in missing)}"
        headline = "Recording is missing in one place" if severity else ""
        return Failed(missing[0].at, text, severity=severity, headline=headline)
    for gap in gaps(*(store.holds for store in stores), *(() if stores else (doubt,))):
        return Undecided(session.origin, gap, _UNTOLD)
    return Passed(stores[0].at, f"the session is in {' and '.join(store.text for store in stores)}")


def _doubt(session: "Session", document: SessionDocument) -> Unknown | None:
    """Say why today's document may not name the stores of the session's day."""
    changed = changed_since(session, document)
    if isinstance(changed, Unknown):
        return changed
    why = f"where {document.address} recorded sessions before it was changed"
    return Unknown(Why.OUT_OF_SCOPE, changed.at, why) if changed.value else None


def _stores(session: "Session", document: SessionDocument, doubt: Unknown | None) -> Iterator[_Store]:
    for what, setting, found in (
        ("bucket", document.s3_bucket, session.recording_object),
        ("log group", document.cloudwatch_log_group, session.recording_stream),
    ):
        match fixed_setting(setting):
            case Known(text):
                holds = doubt if isinstance(found, Absent) and doubt is not None else is_set(found)
                yield _Store(f"the {what} {shown(text)}", found.at, holds)
            case Unknown() as gap:
                yield _Store(f"the {what}", gap.at, unanswered(gap))
            case Absent():
                continue


def _nodes(account: Account) -> "Inventory[Instance]":
    return told(account, account.instances)


_all_nodes: "Selector[Instance]" = Selector(
    "nodes",
    _nodes,
    silence=unless_declared(lambda account: account.instances, "which nodes there are"),
    preface=of_launched,
)


@rule(
    id="PATH-01",
    title="Sessions on the node start and are recorded",
    headline="Sessions fail or are not recorded",
    severity=Severity.HIGH,
    over=_all_nodes,
    also=(Requirement.SECURE_ACCESS,),
    manual=(
        "the cause can be anywhere between the node and its logs: fix the part of the path that the finding names, "
        "then audit again, because an edit for another rule may fix it"
    ),
    follows=("PREF-01", "PREF-03", "ROLE-03", "NET-03"),
)
def leads_to_a_recorded_session(node: "Instance", context: Context) -> Verdict:
    """Each part can be correct while the parts do not fit together: a log bucket whose key the node role cannot use.

    The rule follows the path of a session for each node: its role (of the instance profile if that role allows
    ssm:UpdateInstanceInformation, otherwise of Default Host Management) and the permissions of the agent; the services
    that sessions need, through a VPC endpoint or a route out, and the endpoint policies; the preferences; the session
    key; the log bucket, its policy, and its key; the log group, its key, and what the key policy lets CloudWatch Logs
    do. The finding names the first broken link; further ones are listed with it.

    Undecided when a link is unknown and no link is broken, such as anything behind a transit gateway. Control
    policies that were not read and the inside of the node are not checked: run a canary session to confirm the path.

    Reference: AWS Systems Manager User Guide, "Setting up Session Manager".
    """
    links = path_of(node, context.account)
    wrong = broken(links)
    if wrong:
        first, *others = wrong
        related = tuple(Related(each.at, f"{each.step}: {each.broken}") for each in others)
        nowhere = "Sessions are recorded nowhere" if first.step is Step.PREFERENCES else ""
        text = f"the path breaks at the {first.step}: {first.broken}"
        follows = tuple(_causes(wrong, node))
        return Failed(node.origin, text, related=related, headline=nowhere, follows=follows)
    for link in open_links(links):
        if isinstance(link.answer, Unknown):
            detail = f": {link.broken}" if link.broken else ""
            return Undecided(node.origin, link.answer, f"whether the path works at the {link.step} is unknown{detail}")
    for doubt in in_another_version(node):
        return Undecided(node.origin, doubt, "whether the path works is unknown")
    lender = lender_of(node, context.account)
    count = len(links)
    return Passed(
        node.origin, f"all {count} links from the node to the recording work, according to the policies{lender}"
    )


_KEYS = {Step.SESSION_KEY, Step.BUCKET_KEY, Step.GROUP_KEY}


def _causes(links: tuple[PathLink, ...], node: "Instance") -> Iterator[Origin]:
    """Yield the places of what fails by itself where a link is broken; nothing where a key is among the links.

    Who may use a key is said by its policy and by the role's: neither's failure alone explains the broken link.
    """
    if not any(link.step in _KEYS for link in links):
        for link in links:
            yield node.origin if link.step is Step.NETWORK and link.at == node.subnet.at else link.at
