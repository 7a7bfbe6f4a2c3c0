"""Whether a statement of a resource's policy speaks of who makes a request: by name, as everybody, or as the account.

A role makes its requests in sessions. A grant to the role is one to each of them; a grant to one session by name is one
to that session alone. Who federated is not in the ARN of a federated session, whose name its user chooses. Sources: IAM
User Guide, "AWS JSON policy elements: Principal" and "NotPrincipal"; AWS STS API Reference, "GetFederationToken".
"""

import re

from ssm_hardening.core.logic import Answer, ask, certainly, is_no, is_yes, literal, negated, some, unanswered
from ssm_hardening.core.values import Known, Reference, Template, Text, Unknown, Value, Why
from ssm_hardening.iam.matching import as_spelled, concrete, like
from ssm_hardening.iam.principals import (
    Principal,
    excepted_by,
    has_exceptions,
    is_account,
    names_account,
    principals_of,
    whole_account,
)
from ssm_hardening.iam.requests import Request
from ssm_hardening.iam.statements import Statement
from ssm_hardening.iam.texts import flat, resource_type

_ROLE = re.compile(r"arn:[^:]+:iam::(?P<account>[^:]*):role/(?:.*/)?(?P<name>[^/]+)")
_SESSION = re.compile(r"arn:[^:]+:sts::(?P<account>[^:]*):assumed-role/(?P<name>[^/]+)/[^/]+")
_FEDERATED = re.compile(r"arn:[^:]+:sts::(?P<account>[^:]*):federated-user/.+")
_USER_OF = re.compile(r"arn:[^:]+:iam::(?P<account>[^:]*):user/.+")
_USER = re.compile(r"arn:[^:]*:(?:iam::[^:]*:user|sts::[^:]*:federated-user)/")


def allows_caller(statement: Statement, request: Request, *, outright: bool = False) -> Answer:
    """Say whether an Allow grants it to the caller itself; what it leaves to the account as a whole is asked apart.

    `outright`: only what no permissions boundary or session policy limits, which a grant to a role is not.
    """
    if has_exceptions(statement):
        return negated(_is_left_out(statement, request))
    named = (each for each in principals_of(statement) if not outright or not _is_limited(each, request))
    return some((_is_caller(each, statement, request) for each in named), statement.at)


def denies_caller(statement: Statement, request: Request, bounded: Answer) -> Answer:
    """Say whether a Deny speaks of the caller: by name, or because it speaks of its whole account.

    One with NotPrincipal speaks of everybody who has a permissions boundary (`bounded`), whomever it names.
    """
    if has_exceptions(statement):
        return some((bounded, negated(_is_spared(statement, request))), statement.at)
    named = (_is_caller(each, statement, request) for each in principals_of(statement))
    return some((*named, leaves_to_account(statement, request)), statement.at)


def leaves_to_account(statement: Statement, request: Request) -> Answer:
    """Say whether the statement speaks of the account of the caller as a whole."""
    return some((_is_own_account(each, request) for each in principals_of(statement)), statement.at)


def _is_user(caller: Value[Text]) -> bool:
    """Say whether the caller is surely a user, or somebody whom one federated, and no session of a role."""
    if not isinstance(caller, Known):
        return False
    if isinstance(caller.value, Reference):
        return resource_type(caller.value) == "aws_iam_user"
    return _USER.match(flat(caller.value)) is not None


def _is_limited(item: Principal | Unknown, request: Request) -> bool:
    """Say whether a principal can be the role, or the user, of whose session the caller is."""
    if not _is_user(request.principal):
        return _is_role(item)
    if _FEDERATED.fullmatch(str(literal(request.principal))) is None or isinstance(item, Unknown):
        return False
    return _USER_OF.fullmatch(str(literal(item.name))) is not None


def _is_role(item: Principal | Unknown) -> bool:
    """Say whether a principal can be a role, rather than everybody or a session."""
    if isinstance(item, Unknown) or not isinstance(item.name, Known) or item.name.value == "*":
        return False
    text = item.name.value
    return not isinstance(text, str | Template) or _SESSION.fullmatch(flat(text)) is None


def _is_caller(item: Principal | Unknown, statement: Statement, request: Request) -> Answer:
    """Say whether a principal is everybody, or the caller by name."""
    if isinstance(item, Unknown):
        return unanswered(item)
    if item.kind not in {"AWS", "*"} or names_account(item):
        # Whole accounts are asked about apart.
        return Known(False, statement.at)
    if certainly(item.name, lambda name: name == "*"):
        return Known(True, statement.at)
    match item.name, request.principal:
        case Known(str() as text, at), Known(str() as arn) if untold := _untold_of(text, arn):
            return Unknown(Why.OUT_OF_SCOPE, at, untold)
        case Known(str() as text, at), Known(str() as arn) if _is_session_of(arn, text):
            return Known(True, at)
        case Known(str() | Reference() | Template() as text, at), Known(arn):
            # Whether a role is in a session of that name, its ARN does not tell.
            caller = as_spelled(arn, text, request) if _SESSION.fullmatch(flat(text)) is None else arn
            return like(concrete(text, request), concrete(caller, request), text, at)
        case Known(_, at), Unknown() as gap:
            return Unknown(gap.why, at, gap.detail)
        case Known(_, at), _:
            return Known(False, at)
        case Unknown() as gap, _:
            return unanswered(gap)


def _is_session_of(session: str, role: str) -> bool:
    """Say whether one ARN is that of a session of the role of the other; the path of a role is not in its sessions."""
    one, other = _SESSION.fullmatch(session), _ROLE.fullmatch(role)
    return one is not None and other is not None and one.groups() == other.groups()


def _untold_of(named: str, caller: str) -> str:
    """Return what is not known of a caller where a principal is named; nothing where nothing is open."""
    if _is_session_of(named, caller):
        return f"whether the session of the role is {named}"
    user, session = _USER_OF.fullmatch(named), _FEDERATED.fullmatch(caller)
    is_open = user is not None and session is not None and user["account"] == session["account"]
    return f"whether {named} started the federated session" if is_open else ""


def is_of_another_account(request: Request) -> bool:
    """Say whether the caller surely is of another account than the one that is asked about."""
    caller, own = literal(_account_of_caller(request)), literal(request.account)
    return caller is not None and own is not None and caller != own


def _is_own_account(item: Principal | Unknown, request: Request) -> Answer:
    if isinstance(item, Unknown):
        return unanswered(item)
    whole = whole_account(item)
    return ask(whole, lambda account: is_account(account, _account_of_caller(request), whole.at), absent=False)


def _account_of_caller(request: Request) -> Value[Text]:
    """Return the account that the ARN of the caller holds; that of the request where it holds none."""
    arn = literal(request.principal)
    fields = arn.split(":") if isinstance(arn, str) else []
    number = fields[_ACCOUNT] if len(fields) > _ACCOUNT else ""
    return Known(number, request.principal.at) if number.isdigit() else request.account


_ACCOUNT = 4


def _is_left_out(statement: Statement, request: Request) -> Answer:
    """Say whether an Allow with NotPrincipal leaves the caller out, as it does whoever is named there.

    That naming an account, or the role of a session, leaves out those within is not documented.
    """
    itself, *around = _exceptions(statement, request)
    if is_yes(itself) or all(is_no(each) for each in (itself, *around)):
        return itself
    return _untold("leaves out", statement, itself, *around)


def _is_spared(statement: Statement, request: Request) -> Answer:
    """Say whether a Deny with NotPrincipal spares the caller: it must name its account, and the role of a session, too.

    Whether one that names the caller alone spares it depends on the service.
    """
    itself, role, account = _exceptions(statement, request)
    if is_no(itself) and is_no(role):
        return itself
    if all(is_yes(each) for each in (itself, role, account)):
        return itself
    return _untold("spares", statement, itself, role, account)


def _exceptions(statement: Statement, request: Request) -> tuple[Answer, Answer, Answer]:
    """Say whether NotPrincipal names the caller itself, the role of a session (a user counts for both), its account."""
    listed, user = list(excepted_by(statement)), _is_user(request.principal)
    everybody = [_names_all(each, statement) for each in listed]
    itself = [_is_caller(each, statement, request) for each in listed if user or not _is_role(each)]
    role = [_is_caller(each, statement, request) for each in listed if user or _is_role(each)]
    account = [_is_own_account(each, request) for each in listed]
    one, other, whole = (some((*everybody, *each), statement.at) for each in (itself, role, account))
    return one, other, whole


def _names_all(item: Principal | Unknown, statement: Statement) -> Answer:
    return Known(isinstance(item, Principal) and certainly(item.name, lambda name: name == "*"), statement.at)


def _untold(does: str, statement: Statement, *answers: Answer) -> Unknown:
    gap = next((each for each in answers if isinstance(each, Unknown)), None)
    detail = f"whether NotPrincipal {does} the caller, which it names in part (itself, its role, its account)"
    return Unknown(Why.OUT_OF_SCOPE, statement.at, detail) if gap is None else unanswered(gap)
