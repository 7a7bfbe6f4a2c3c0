"""Requests about nodes, documents and stores, and *probes*: about an arbitrary node or document that nobody named.

A probe shows what a policy grants beyond what anybody listed: whoever may open an untagged node that does not exist may
open every node. What people choose by themselves, such as MFA or a tag of the request, is no part of it (ADR 22).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ssm_hardening.access.guardrails import organization_of
from ssm_hardening.access.people import Person, PersonFact
from ssm_hardening.core.logic import as_record, certainly, known_or, literal, unanswered
from ssm_hardening.core.memory import Memory
from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import (
    Absent,
    Items,
    Known,
    Record,
    Reference,
    Template,
    Text,
    Unknown,
    Value,
    Why,
)
from ssm_hardening.iam.conditions import Condition, conditions_of
from ssm_hardening.iam.decisions import Allowed, Decision, Denied, Request, Undetermined, decide, own_arn
from ssm_hardening.iam.requests import Caller, joined
from ssm_hardening.iam.statements import Statement
from ssm_hardening.model import PREFERENCES_NAME, Account, Group, Instance, Role, SessionDocument, User

START = "ssm:StartSession"
ACCESS_CHECK = "ssm:sessiondocumentaccesscheck"
PROBE_NODE = "instance/i-0f6a93c1d2b7e4058"
PROBE_HYBRID = "managed-instance/mi-0f6a93c1d2b7e4058"
"""Nodes that no policy lists, nor any of the examples in AWS's documentation."""
PROBE_DOCUMENT = "document/Unapproved-Session-Document"
UNRECORDED = (
    "AWS-StartSSHSession",
    "AWS-StartPortForwardingSession",
    "AWS-StartPortForwardingSessionToRemoteHost",
    "AWS-StartPortForwardingSessionToSocket",
)
"""AWS's documents whose sessions are never recorded."""

COMMANDS = ("AWS-StartInteractiveCommand", "AWS-StartNonInteractiveCommand")
"""AWS's documents that run free command text."""

_FOREIGN = "999999999999"
_TAGS = ("ssm:resourcetag/", "aws:resourcetag/", "ec2:resourcetag/")


def request(  # noqa: PLR0913 - a request has as many parts
    account: Account,
    who: PersonFact,
    action: str,
    resource: Text,
    *,
    address: str | None = None,
    undeclared: bool = False,
) -> Request:
    """Return a request of a person, who chooses what is theirs to choose; what only AWS sets is not known.

    `undeclared`: no code declares the resource, so that no reference means it.
    """
    circumstances = _circumstances(account, who)
    return Request(
        action=action,
        resource=resource,
        account=account.account,
        region=account.region,
        address=address,
        context=circumstances.context,
        settled=circumstances.settled,
        principal=circumstances.principal,
        spelled=circumstances.spelled,
        undeclared=undeclared,
        caller=circumstances.caller,
    )


@dataclass(frozen=True, slots=True)
class _Circumstances:
    """What every request of a person holds: its condition keys (`context`, `settled`) and who asks."""

    context: Mapping[str, Value[Items]]
    settled: tuple[str, ...]
    principal: Value[Text]
    caller: Caller
    spelled: Text | None


def of_node(asked: Request) -> Request:
    """Return the request as a node makes it, which signs in with no MFA device."""
    return replace(asked, caller=Caller.NODE)


def _known(account: Account, who: PersonFact) -> _Circumstances:
    at = account.at
    principal, node = _principal(who), isinstance(who, Role) and certainly(who.kind, lambda kind: kind == "node")
    context: dict[str, Value[Items]] = {
        "aws:principalarn": _one(principal),
        "aws:principalisawsservice": listed(at, "false"),
        "aws:resourceaccount": _one(account.account),
        **_organization(account),
        **of_account(account),
        **_named(who, at),
    }
    settled = ("aws:principaltag/",) if isinstance(who, User) and isinstance(who.tags, Known) else ()
    caller = Caller.NODE if node else Caller.PERSON
    return _Circumstances(context, settled, principal, caller, _spelled(who, account))


def of_account(account: Account) -> dict[str, Value[Items]]:
    """Return what every request holds that a principal of the account makes."""
    return {"aws:principalaccount": _one(account.account), "kms:calleraccount": _one(account.account)}


_circumstances: Memory[[Account, PersonFact], _Circumstances] = Memory(_known, most=1_024)
"""Hundreds of requests are made for each person."""


def _principal(who: PersonFact) -> Value[Text]:
    if who.address.startswith("arn:"):
        return Known(who.address, who.origin)
    return Known(Reference(who.address, "arn"), who.origin)


def _organization(account: Account) -> dict[str, Value[Items]]:
    """Return the organization that a principal of the account and its resources are of, where it is known."""
    own = organization_of(account)
    return {} if own is None else dict.fromkeys(("aws:principalorgid", "aws:resourceorgid"), listed(account.at, own))


def _spelled(who: PersonFact, account: Account) -> Text | None:
    """Return the ARN of a role or user as far as it is known, where its address is another one."""
    if isinstance(who, Group) or who.address.startswith("arn:") or not isinstance(who.name, Known):
        return None
    path = who.path if isinstance(who, Role) else Unknown(Why.OUT_OF_SCOPE, who.origin, "its path")
    ends = _parts_of(who.name.value)
    if isinstance(who, Role) and literal(who.form) == "permission-set":
        path = Unknown(Why.COMPUTED, who.origin, "what IAM Identity Center adds to the name")
        ends = ("AWSReservedSSO_", *ends, "_", path)
    before = ("/", unanswered(path)) if isinstance(path, Unknown) else _parts_of(known_or(path, "/"))
    kind = type(who).__name__.lower()
    return own_arn("iam", joined(kind, *before, *ends), account.account, account.region, regional=False)


def _parts_of(text: Text) -> tuple[str | Reference | Unknown, ...]:
    return text.parts if isinstance(text, Template) else (text,)


def _named(who: PersonFact, at: Origin) -> dict[str, Value[Items]]:
    """Return what IAM tells of the caller itself: a role's callers have no user name."""
    kind: dict[str, Value[Items]] = {
        "aws:principaltype": listed(at, "AssumedRole" if isinstance(who, Role) else "User")
    }
    if isinstance(who, User):
        tags = _tags(who.tags, ("aws:principaltag/",))
        return {"aws:username": _one(who.name), **kind, **tags}
    if isinstance(who, Role):
        return {"aws:username": Absent(at), **kind, **_tags(who.tags, ("aws:principaltag/",))}
    return kind


def listed(at: Origin, *texts: str) -> Known[Items]:
    """Return texts as the values of a condition key."""
    return Known(Items(tuple(Known(each, at) for each in texts)), at)


def _one(value: Value[Text]) -> Value[Items]:
    return Known(Items((value,)), value.at) if isinstance(value, Known) else value


def _tags(tags: Value[Record], prefixes: tuple[str, ...]) -> dict[str, Value[Items]]:
    found = as_record(tags).members.items()
    return {f"{prefix}{key.casefold()}": _one(value) for prefix in prefixes for key, value in found}


def node_arn(node: Instance, account: Account) -> Text:
    """Return the ARN of a node as ssm:StartSession asks for it."""
    managed = isinstance(node.kind, Known) and node.kind.value == "managed"
    identifier = node.name.value if isinstance(node.name, Known) else Reference(node.address, "id")
    if isinstance(node.launcher, Known):
        untold = Unknown(Why.COMPUTED, node.origin, f"the IDs of the nodes that come of {node.address}")
        identifier = Template(("mi-" if managed else "i-", untold))
    service, kind = ("ssm", "managed-instance/") if managed else ("ec2", "instance/")
    parts = identifier.parts if isinstance(identifier, Template) else (identifier,)
    return own_arn(service, joined(kind, *parts), account.account, account.region)


def on_node(account: Account, who: PersonFact, action: str, node: Instance) -> Request:
    """Return the request of an action on a node, with the node's tags."""
    asked = request(account, who, action, node_arn(node, account), address=node.address)
    return _with_tags(asked, node.tags)


def _with_tags(asked: Request, tags: Value[Record]) -> Request:
    known = isinstance(tags, Absent) or (isinstance(tags, Known) and tags.value.rest is None)
    settled = (*asked.settled, *_TAGS) if known else asked.settled
    return replace(asked, context={**asked.context, **_tags(tags, _TAGS), **_checked(asked)}, settled=settled)


def _checked(asked: Request) -> Mapping[str, Value[Items]]:
    return {ACCESS_CHECK: listed(asked.account.at, "true")} if asked.action == START else {}


def on_any_node(
    account: Account, who: PersonFact, action: str = START, *, hybrid: bool = False, tags: Record | None = None
) -> Request:
    """Return the request of an action on a node that nobody named: `tags` are those it has, none by default.

    `hybrid`: a node registered with Systems Manager (`mi-…`) in place of an instance.
    """
    service, tail = ("ssm", PROBE_HYBRID) if hybrid else ("ec2", PROBE_NODE)
    resource = own_arn(service, tail, account.account, account.region)
    asked = request(account, who, action, resource, undeclared=True)
    return _with_tags(asked, Known(tags or Record({}), account.at))


def on_document(account: Account, who: PersonFact, action: str, name: Text, *, owned: bool = True) -> Request:
    """Return the request of an action on a document of this account, or of AWS's own (whose ARNs hold no account)."""
    parts = name.parts if isinstance(name, Template) else (name,)
    resource = own_arn("ssm", joined("document/", *parts), account.account, account.region, owned=owned)
    asked = request(account, who, action, resource, undeclared=not owned)
    if name == PREFERENCES_NAME:
        # Of another type, a document of this name is not the preferences.
        asked = replace(asked, context={**asked.context, "ssm:documenttype": listed(account.at, "Session")})
    return _with_tags(asked, Unknown(Why.OUT_OF_SCOPE, account.at, "the tags of documents"))


def on_fact_document(account: Account, who: PersonFact, action: str, document: SessionDocument) -> Request:
    """Return the request of an action on a document that is known."""
    name: Text = document.name.value if isinstance(document.name, Known) else Reference(document.address, "name")
    return replace(on_document(account, who, action, name), address=document.address)


def on_unknown_document(account: Account, who: PersonFact, action: str = START) -> Request:
    """Return the request of an action on a document of this account that nobody approved."""
    resource = own_arn("ssm", PROBE_DOCUMENT, account.account, account.region)
    asked = request(account, who, action, resource, undeclared=True)
    return _with_tags(asked, Known(Record({}), account.at))


def on_foreign_document(account: Account, who: PersonFact, action: str = START) -> Request:
    """Return the request of an action on a document that another account shares with this one."""
    resource = own_arn("ssm", PROBE_DOCUMENT, Known(_FOREIGN, account.at), account.region)
    asked = request(account, who, action, resource, undeclared=True)
    return _with_tags(asked, Known(Record({}), account.at))


def on_anything(account: Account, who: PersonFact, action: str) -> Request:
    """Return the request of an action that has no resource of its own."""
    return request(account, who, action, "*")


def may(person: Person, asked: Request) -> Decision:
    """Return what the person's policies say of a request."""
    return decide(asked, person.policies)


def may_start(person: Person, node: Request, document: Request) -> Decision:
    """Return whether a session may be started on a node with a document: both must be granted.

    Whether the preferences document must be listed where nothing asks for the access check is not documented any more:
    a grant on the node alone leaves it open.
    """
    return both(may(person, node), may(person, document), document)


def both(target: Decision, with_document: Decision, document: Request) -> Decision:
    """Return what two decisions, on a node and on the document of this request, say together of a session."""
    match target, with_document:
        case Denied() as refused, _:
            return refused
        case _, Denied(by) as refused if by is not None:
            return refused
        case Allowed(by), Denied() if _is_default(document) and not asks_for_document(by):
            detail = "whether the preferences document must be granted by name"
            return Undetermined(Unknown(Why.OUT_OF_SCOPE, by.at, detail))
        case _, Denied() as refused:
            return refused
        case Undetermined() as open_, _:
            return open_
        case _, Undetermined() as open_:
            return open_
        case Allowed(_, unless) as here, Allowed(_, other):
            return replace(here, unless=other if unless is None else unless)


def _is_default(document: Request) -> bool:
    return str(document.resource).endswith(f"document/{PREFERENCES_NAME}")


def asks_for_document(statement: Statement) -> bool:
    """Say whether a statement carries the condition on ssm:SessionDocumentAccessCheck."""
    return any(isinstance(item, Condition) and item.key == ACCESS_CHECK for item in conditions_of(statement))
