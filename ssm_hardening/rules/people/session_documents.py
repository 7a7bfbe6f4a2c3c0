"""With which documents people may start sessions."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from ssm_hardening.access.fleet import session_with
from ssm_hardening.access.requests import (
    ACCESS_CHECK,
    COMMANDS,
    PROBE_DOCUMENT,
    START,
    UNRECORDED,
    listed,
    may,
    on_document,
    on_unknown_document,
    request,
)
from ssm_hardening.core.logic import Answer, every, is_yes, negated, some, unanswered
from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Absent, Inventory, Known, Reference, Template, Unknown, Why
from ssm_hardening.iam.analysis import has_effect
from ssm_hardening.iam.conditions import Condition, conditions_of
from ssm_hardening.iam.decisions import Allowed, Denied, Policies, Request, decide
from ssm_hardening.iam.examples import example_of
from ssm_hardening.iam.requests import joined, own_arn
from ssm_hardening.iam.statements import Statement
from ssm_hardening.iam.texts import glob, matches, members
from ssm_hardening.model import Account
from ssm_hardening.rules.kit.checks import Check, Problem, gaps, headed
from ssm_hardening.rules.people.operators import (
    allows,
    by_statement,
    context_of,
    granted,
    granting,
    is_among,
    judged,
    none_denies_all,
    operators,
    some_node,
    unread_policy,
)
from ssm_hardening.rules.people.subjects import JudgedPerson, on_node_too
from ssm_hardening.rules.registry import Context, rule
from ssm_hardening.verdicts.findings import Requirement, Severity, Verdict


def documents_named(subject: JudgedPerson, action: str, account: Account) -> Iterator[tuple[Request, str] | Unknown]:
    """Yield the documents that statements name for an action: the request about each, and its name (or pattern)."""
    for statement, answer in granting(subject, action):
        for item in members(statement.resources):
            match item:
                case Known(str() | Reference() | Template() as text, at) if is_yes(answer):
                    name = _document_name(text, account, at)
                    address = text.address if isinstance(text, Reference) else None
                    if isinstance(name, Unknown):
                        yield name
                    elif name:
                        asked = request(account, subject.person.fact, action, text, address=address)
                        yield context_of(asked, {ACCESS_CHECK: listed(at, "true")}), name
                case Unknown() as gap:
                    yield gap
                case _:
                    yield from gaps(answer)


def _document_name(text: str | Reference | Template, account: Account, at: Origin) -> str | Unknown:
    """Return the name in the ARN of a document; empty for anything else."""
    if isinstance(text, Reference):
        return _referred(text, account, at)
    tail = text if isinstance(text, str) else text.parts[-1]
    if isinstance(tail, str) and ":document/" in tail:
        return tail.rpartition(":document/")[2]
    written = "".join(part for part in text.parts if isinstance(part, str)) if isinstance(text, Template) else ""
    return Unknown(Why.COMPUTED, at, f"which document {text} is") if ":document/" in written else ""


def _referred(reference: Reference, account: Account, at: Origin) -> str | Unknown:
    for document in account.session_documents:
        if document.address == reference.address:
            match document.name:
                case Known(str() as name):
                    return name
                case Known(text):
                    return Unknown(Why.COMPUTED, at, f"the name of {reference.address}, {text}")
                case Unknown() as gap:
                    return unanswered(gap)
                case Absent():
                    return Unknown(Why.UNPARSEABLE, at, f"the name of {reference.address}")
    documents = "aws_ssm_document" in reference.address
    return Unknown(Why.OUT_OF_SCOPE, at, f"which document {reference.address} is") if documents else ""


_STRANGER = "999999999999"
_FROM_MEMORY = "AWS-StartPortForwardingSessionToSocket"


@rule(
    id="OPER-02",
    title="Sessions use approved documents only",
    headline="Sessions can use unapproved documents",
    severity=Severity.HIGH,
    over=operators,
    also=(Requirement.AUDITING,),
    may=(Severity.LOW,),
    remedy="operator-role",
)
def starts_approved_documents(subject: JudgedPerson, context: Context) -> Verdict:
    """The session document decides whether a session is recorded and which user it runs as: limit the choice.

    The rule covers any unapproved document in this account, a document that another account shares (which a `*` for the
    account in an ARN allows), and each document that a statement names. The standard lists approved documents in
    `session_documents`; for documents that AWS owns, see OPER-04. Each statement that allows ssm:StartSession should
    also have the condition ssm:SessionDocumentAccessCheck (`BoolIfExists`, `true`), which makes access to the document
    an explicit permission; one in a permissions boundary or in a Deny statement counts. In the baseline, the failure is
    low if only this condition is missing.

    Undecided when a statement, a condition, or the permissions boundary is unknown.

    Reference: AWS Systems Manager User Guide, "Enforce document permission checks for the AWS CLI".
    """
    return judged(
        subject,
        context,
        lambda: (
            *on_node_too(_unapproved(subject, context), subject.person, START, context.account),
            *_unchecked(subject, context),
        ),
        passed="its policies grant sessions with approved documents only, and check access to the document",
        undecided="which documents its policies allow for sessions is unknown",
    )


def _unapproved(subject: JudgedPerson, context: Context) -> Iterator[Check]:
    account, who, approved = context.account, subject.person.fact, context.thresholds.session_documents
    own = on_unknown_document(account, who)
    stranger = own_arn("ssm", PROBE_DOCUMENT, Known(_STRANGER, account.at), account.region)
    yield from granted(may(subject.person, own), f"its policies allow {START} with any document in the account")
    shared = may(subject.person, replace(own, resource=stranger))
    yield from granted(shared, f"its policies allow {START} with documents that other accounts share")
    for named in documents_named(subject, START, account):
        if isinstance(named, Unknown):
            yield named
            continue
        asked, name = named
        if not name.startswith("AWS") and name.strip("*") and not any(glob(each, name) for each in approved):
            yield from granted(
                may(subject.person, asked), f"its policies allow {START} with {name}, which is not approved"
            )


def _unchecked(subject: JudgedPerson, context: Context) -> Iterator[Check]:
    severity = None if context.thresholds.document_check_required else Severity.LOW
    asked = tuple(_without_check(subject, context))
    for statement, answer in granting(subject, START):
        found = every((answer, some(_lacking_check(subject, statement, asked), statement.at)), statement.at)
        if is_yes(found):
            text = f"a statement allows {START} without the condition ssm:SessionDocumentAccessCheck"
            headline = "Access to session documents is not checked"
            unchecked = {ACCESS_CHECK: Absent(context.account.at)}
            example = example_of(session_with(context.account, subject.person, unchecked), *unchecked)
            unless = unread_policy(subject)
            yield Problem(statement.at, text, severity, headline=headline, unless=unless, example=example)
        else:
            yield from gaps(found)


def _without_check(subject: JudgedPerson, context: Context) -> Iterator[Request]:
    """Yield requests for sessions on nodes or with documents, unchecked: tasks of ECS are OPER-10's."""
    account = context.account
    tail = joined("document/", Unknown(Why.OUT_OF_SCOPE, account.at, "an arbitrary one"))
    resource = own_arn("ssm", tail, account.account, account.region)
    for each in (
        some_node(subject.person, START, account),
        some_node(subject.person, START, account, "managed-instance"),
        replace(on_unknown_document(account, subject.person.fact), resource=resource),
    ):
        yield context_of(each, {ACCESS_CHECK: listed(account.at, "false")})


def _lacking_check(subject: JudgedPerson, statement: Statement, asked: Iterable[Request]) -> Iterator[Answer]:
    """Yield whether the statement allows each request without the check, and nothing else asks for the check."""
    for each in asked:
        yield every((_allows_unchecked(statement, each), *_limits(subject, statement, each)), statement.at)


def _allows_unchecked(statement: Statement, asked: Request) -> Answer:
    return every((allows(statement, asked), negated(_has_check(statement))), statement.at)


def _limits(subject: JudgedPerson, statement: Statement, asked: Request) -> Iterator[Answer]:
    """Yield whether the permissions boundary leaves the unchecked request, and no Deny statement is about it."""
    identity, boundary = subject.person.policies.identity, subject.person.policies.boundary
    if boundary is not None:
        doubts = () if boundary.gap is None else (unanswered(boundary.gap),)
        yield some((*(_allows_unchecked(each, asked) for each in boundary), *doubts), statement.at)
        yield none_denies_all(boundary, asked)
    bare = replace(statement, effect=Known("Allow", statement.at), conditions=Absent(statement.at))
    denials = Inventory(tuple(each for each in identity if not is_yes(has_effect(each, "Allow"))))
    policies = replace(subject.person.policies, identity=Inventory((bare, *denials)))
    yield Known(not isinstance(decide(asked, policies), Denied), statement.at)
    yield none_denies_all(denials, asked)


def _has_check(statement: Statement) -> Answer:
    return some((_is_check(item) for item in conditions_of(statement)), statement.at)


def _is_check(item: Condition | Unknown) -> Answer:
    if isinstance(item, Unknown):
        return unanswered(item)
    if item.key != ACCESS_CHECK or item.operator not in {"bool", "boolifexists"}:
        return Known(False, item.at)
    return every((matches(value, "true", any_case=True) for value in members(item.values)), item.at)


@rule(
    id="OPER-04",
    title="Sessions that cannot be recorded are denied",
    headline="Sessions that are never recorded are allowed",
    severity=Severity.HIGH,
    over=operators,
    requirement=Requirement.AUDITING,
    also=(Requirement.ACCESS_CONTROL,),
    may=(Severity.MEDIUM, Severity.LOW),
    remedy="operator-role",
)
def starts_recordable_sessions_only(subject: JudgedPerson, context: Context) -> Verdict:
    """Traffic in SSH and port forwarding sessions is never recorded, and AWS command documents run any command.

    The rule covers the documents that AWS owns. Their ARNs have no account ID, so a Deny statement whose ARN contains
    one has no effect; the message says so. Tunnels are medium in the baseline, because many teams need them; identities
    that the standard lists in `tunnel_users` may open them. The command documents are high in every standard: they run
    what the caller enters on the node itself, and AWS does not document whether such sessions are recorded.

    Undecided when a statement, a condition, or the permissions boundary is unknown.

    Reference: AWS Systems Manager User Guide, "Logging session activity" and "Allow and control permissions for SSH
    connections through Session Manager".
    """
    return judged(
        subject,
        context,
        lambda: (*_tunnels(subject, context), *_commands(subject, context)),
        passed="its policies do not grant sessions that cannot be recorded",
        undecided="whether its policies grant sessions that cannot be recorded is unknown",
    )


def _tunnels(subject: JudgedPerson, context: Context) -> Iterator[Check]:
    accepted = is_among(subject, context.thresholds.tunnel_users)
    if is_yes(accepted):
        return
    severity = None if context.thresholds.tunnels_forbidden else Severity.MEDIUM
    for check in _with_aws_documents(subject, context, UNRECORDED, severity, "never recorded"):
        yield accepted if isinstance(accepted, Unknown) else check


def _commands(subject: JudgedPerson, context: Context) -> Iterator[Check]:
    checks = _with_aws_documents(subject, context, COMMANDS, None, "any command")
    yield from headed("Sessions can run any command", checks)


def _with_aws_documents(
    subject: JudgedPerson, context: Context, names: tuple[str, ...], severity: Severity | None, what: str
) -> Iterator[Check]:
    """Yield one problem for all documents that one statement grants, so that a `*` is told once."""

    def problem(at: Origin, granted_: list[str]) -> Problem:
        pinned = _pinned(subject, granted_[0], context)
        text = f"its policies allow {START} with {', '.join(granted_)} ({what}){pinned}"
        # That document's name is from memory: alone it is no more than a hint.
        return Problem(at, text, Severity.LOW if granted_ == [_FROM_MEMORY] else severity)

    who = subject.person
    asked = {name: on_document(context.account, who.fact, START, name, owned=False) for name in names}
    checks = (check for name, each in asked.items() for check in granted(may(who, each), name))
    return on_node_too(by_statement(checks, problem), who, START, context.account)


def _pinned(subject: JudgedPerson, name: str, context: Context) -> str:
    """Return that a Deny of this document does nothing since it names an account."""
    asked = on_document(context.account, subject.person.fact, START, name)
    return (
        "; the Deny statement has no effect: its ARN has an account ID, which AWS documents lack"
        if _denied(subject, asked)
        else ""
    )


def _denied(subject: JudgedPerson, asked: Request) -> bool:
    denials = (each for each in subject.person.policies.identity if each.effect == Known("Deny", each.effect.at))
    bare = Inventory(tuple(replace(each, effect=Known("Allow", each.at)) for each in denials))
    return isinstance(may(replace(subject.person, policies=_only(subject, bare)), asked), Allowed)


def _only(subject: JudgedPerson, statements: Inventory[Statement]) -> Policies:
    return replace(subject.person.policies, identity=statements, boundary=None)
