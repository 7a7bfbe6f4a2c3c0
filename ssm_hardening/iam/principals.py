"""Whom a statement speaks of: everybody, a whole account, a service, or somebody by name."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ssm_hardening.core.logic import Answer, as_record, literal, some, unanswered, unsupported
from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Absent, Known, Record, Reference, Template, Text, Unknown, Value, Why
from ssm_hardening.iam.statements import Statement
from ssm_hardening.iam.texts import HOLE, NAME, flat, gap_in, glob, is_name, members, resource_type

HERE = "\ue002"
"""In a text: the Region of the picture."""

_ACCOUNT = re.compile(r"\d{12}")
_ROOT = re.compile(r"arn:[^:]+:iam::(?P<account>[^:]+):root")
_REGIONAL = re.compile(rf"(?P<service>[a-z0-9-]+)\.(?P<region>[a-z0-9-]+|{HERE})\.amazonaws\.com(?:\.cn)?")
_SOMEBODY = re.compile(r"arn:[^:]+:(?:iam|sts)::[^:]+:(?:role|user|group|assumed-role|federated-user)/.+")


_OWN = {"aws_caller_identity", "aws_canonical_user_id"}
"""Data sources of the account that applies the code."""


@dataclass(frozen=True, slots=True)
class Principal:
    """One principal of a statement: its type (`AWS`, `Service`, … or `*`) and its text."""

    kind: str
    name: Known[Any] | Unknown

    def __str__(self) -> str:
        return str(self.name.value) if isinstance(self.name, Known) else self.name.detail


def principals_of(statement: Statement) -> Iterator[Principal | Unknown]:
    """Yield the principals that are listed, and what could not be read of the list."""
    yield from _listed(statement.principals)


def excepted_by(statement: Statement) -> Iterator[Principal | Unknown]:
    """Yield the principals that NotPrincipal lists, and what could not be read of the list."""
    yield from _listed(statement.not_principals)


def has_exceptions(statement: Statement) -> bool:
    """Say whether the statement speaks of everybody but those of NotPrincipal, or may: it has no Principal then."""
    return not isinstance(statement.not_principals, Absent) and not isinstance(statement.principals, Known)


def _listed(principals: Value[Record]) -> Iterator[Principal | Unknown]:
    groups = as_record(principals)
    for kind, names in groups.members.items():
        yield from (Principal(kind, _settled(kind, name)) for name in members(names))
    if groups.rest is not None:
        yield groups.rest


def _settled(kind: str, name: Known[Any] | Unknown) -> Known[Any] | Unknown:
    """Return the name of a service with the suffix of most partitions: there is one service of each name."""
    match name:
        case Known(Template(parts), at) if kind == "Service":
            told = [_SUFFIX if isinstance(each, Reference) and _is_suffix(each) else each for each in parts]
            if all(isinstance(each, str) for each in told):
                return Known("".join(str(each) for each in told), at)
        case _:
            pass
    return name


_SUFFIX = "amazonaws.com"


def _is_suffix(reference: Reference) -> bool:
    return resource_type(reference) == "aws_partition" and reference.attribute == "dns_suffix"


def speaks_of_everybody(statement: Statement) -> Answer:
    """Say whether anybody at all is meant; `NotPrincipal` means everybody but a few."""
    listed = [_is_everybody(item) if isinstance(item, Principal) else item for item in principals_of(statement)]
    match statement.principals, statement.not_principals:
        case Absent(), Known(_, at):
            return Known(True, at)
        case Absent(), Unknown() as gap:
            return some([gap], statement.at)
        case _:
            return some(listed, statement.at)


def _is_everybody(principal: Principal) -> Answer:
    match principal.name:
        case Known("*", at) if principal.kind not in {"AWS", "*"}:
            return unsupported(at, f"who a wildcard of type {principal.kind} refers to")
        case Known(str() as text, at):
            return Known(text == "*", at)
        case Known(Reference() as reference, at):
            return Known(False, at) if is_name(reference) else gap_in(reference, at)
        case Known(Template() as template, at):
            widest = flat(template).replace(HOLE, "*")
            return gap_in(template, at) if glob(widest, "*") else Known(False, at)
        case Known(_, at):
            return unsupported(at, "a principal that is not a string")
        case Unknown() as gap:
            return gap


def whole_account(principal: Principal) -> Value[Text]:
    """Return the account a principal stands for as a whole (its root, its bare id); Absent where it is narrower.

    A canonical user ID is one, too.
    """
    if principal.kind == "CanonicalUser":
        return _canonical_account(principal.name)
    if principal.kind != "AWS":
        return Absent(principal.name.at)
    match principal.name:
        case Known(str() as text, at):
            return _literal_account(text, at)
        case Known(Reference() as reference, at):
            return _referred_account(reference, at)
        case Known(Template() as template, at):
            return _account_in(template, at)
        case Known(_, at):
            return unsupported(at, "a principal that is not a string")
        case Unknown() as gap:
            return gap


def _canonical_account(name: Known[Any] | Unknown) -> Value[Text]:
    """Return the account of a canonical user ID: only a data source tells whose it is; services of AWS's have some."""
    kind = resource_type(name.value) if isinstance(name, Known) and isinstance(name.value, Reference) else ""
    if kind == "aws_canonical_user_id":
        return name
    if kind.startswith("aws_cloudfront_"):
        return Absent(name.at)
    told = name.value if isinstance(name, Known) else name.detail
    return Unknown(Why.OUT_OF_SCOPE, name.at, f"whose account has the canonical user ID {told}")


def names_account(principal: Principal) -> bool:
    """Say whether an account is named as a whole, whichever it is: none of its users and roles goes by such a name."""
    if principal.kind != "AWS" or not isinstance(principal.name, Known):
        return False
    text = principal.name.value
    return isinstance(text, str | Template) and bool(_ACCOUNT.fullmatch(flat(text)) or _ROOT.fullmatch(flat(text)))


def number_of(principal: Principal) -> str | None:
    """Return the number of the account that a principal stands for as a whole, where it is written out."""
    return literal(whole_account(principal))


def _literal_account(text: str, at: Origin) -> Value[Text]:
    if _ACCOUNT.fullmatch(text):
        return Known(text, at)
    root = _ROOT.fullmatch(text)
    if root is None and text != "*" and set(text) & set("*?"):
        return unsupported(at, f"the principal {text}: IAM accepts no wildcard in an ARN")
    return Known(root["account"], at) if root else Absent(at)


def _referred_account(reference: Reference, at: Origin) -> Value[Text]:
    if resource_type(reference) in {"aws_caller_identity", "aws_organizations_account"}:
        return Absent(at) if reference.attribute == "arn" else Known(reference, at)
    return Absent(at) if is_name(reference) else gap_in(reference, at)


def _account_in(template: Template, at: Origin) -> Value[Text]:
    """Read `arn:aws:iam::${account}:root`, its account literal or a single hole."""
    text = flat(template)
    root = _ROOT.fullmatch(text)
    if root is None:
        return Absent(at) if _SOMEBODY.fullmatch(text) else gap_in(template, at)
    account = root["account"]
    if account not in {HOLE, NAME}:
        return Known(account, at) if _ACCOUNT.fullmatch(account) else gap_in(template, at)
    before = text.index(f"::{account}:root")
    holes = [part for part in template.parts if not isinstance(part, str)]
    hole = holes[sum(text[:before].count(mark) for mark in (HOLE, NAME))]
    return Known(hole, at) if isinstance(hole, Reference) else hole


def is_account(candidate: Text, own: Value[Text], at: Origin) -> Answer:
    """Say whether the account is this one.

    The identity of the caller counts as this account: it is whoever applies the code.
    """
    if isinstance(candidate, Reference) and resource_type(candidate) in _OWN:
        return Known(True, at)
    match own:
        case Known(text, _) if text == candidate:
            return Known(True, at)
        case Known(str()) if isinstance(candidate, str):
            return Known(False, at)
        case Unknown() as gap:
            return gap
        case Known() | Absent():
            return gap_in(candidate, at)


def is_service(principal: Principal, service: str, region: Value[Text]) -> Answer:
    """Say whether this is the principal of a Regional service (`logs`) in this Region; `*` is every service."""
    if principal.kind not in {"Service", "*"}:
        return _is_everybody(principal)
    match principal.name:
        case Known("*", at):
            return Known(True, at)
        case Known(str() as text, at):
            return _is_regional(text, service, region, at)
        case Known(Template() as template, at):
            text = "".join(_regional(part, region) for part in template.parts)
            return gap_in(template, at) if HOLE in text else _is_regional(text, service, region, at)
        case Known(Reference() as reference, at):
            return gap_in(reference, at)
        case Known(_, at):
            return unsupported(at, "a principal that is not a string")
        case Unknown() as gap:
            return gap


def _is_regional(text: str, service: str, region: Value[Text], at: Origin) -> Answer:
    if text in {f"{service}.amazonaws.com", f"{service}.amazonaws.com.cn"}:
        return Unknown(Why.OUT_OF_SCOPE, at, f"whether the service calls as {text}, without a Region")
    found = _REGIONAL.fullmatch(text)
    if found is None or found["service"] != service:
        return Known(False, at)
    return is_region(found["region"], region, at)


def is_region(text: str, region: Value[Text], at: Origin) -> Answer:
    """Say whether the text is this Region; HERE is."""
    if text == HERE:
        return Known(True, at)
    match region:
        case Known(str() as own, _):
            return Known(text == own, at)
        case Unknown() as gap:
            return unanswered(gap)
        case Known() | Absent():
            return Unknown(Why.COMPUTED, at, f"whether the Region is {text}")


def _regional(part: str | Reference | Unknown, region: Value[Text]) -> str:
    match part:
        case str():
            return part
        case Reference(_, attribute):
            kind = resource_type(part)
            if kind == "aws_region" and attribute in {"name", "id", "region"}:
                return HERE
            return "amazonaws.com" if kind == "aws_partition" and attribute == "dns_suffix" else HOLE
        case Unknown(why, _, detail):
            same = isinstance(region, Unknown) and (region.why, region.detail) == (why, detail)
            return HERE if same and why is Why.UNRESOLVED_INPUT else HOLE
