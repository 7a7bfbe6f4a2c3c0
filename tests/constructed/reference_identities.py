"""The verdicts that follow for people, and for the roles of nodes."""

from collections.abc import Iterator, Mapping

from tests.constructed.axes import NAMED, Configuration, Elsewhere, Form, Holder, Node, Rights, Unread
from tests.constructed.expecting import (
    FAILED,
    GLOBAL,
    HARMLESS,
    NEVER_PASSED,
    NOT_FAILED,
    NOT_PASSED,
    PASSED,
    SILENT,
    UNDECIDED,
    UNSURE,
    Expected,
    beside,
    holds_for_node,
    is_capped,
    is_overridden,
    may_attach,
    may_set,
)
from tests.constructed.rights import aws_policy

NODE_ROLE = "aws_iam_role.node"
_LOWER = {"critical": "high", "high": "medium", "medium": "low"}
_PEOPLE: Mapping[str, Mapping[Rights, str]] = {
    "OPER-01": {Rights.SYSTEMS_MANAGER: "high", Rights.REGION: "high"},
    "OPER-02": {Rights.SYSTEMS_MANAGER: "high", Rights.REGION: "high"},
    "OPER-06": {Rights.SYSTEMS_MANAGER: "medium", Rights.ADMINISTRATOR: "medium"},
    "OPER-07": {},
}
"""The rights that fail a rule about people, with the severity. An administrator fails OPER-06 and no other."""

_ABOUT_SESSIONS = frozenset({"OPER-01", "OPER-02"})
"""The rules about those who may open sessions at all."""


def of_identities(case: Configuration) -> Iterator[Expected]:
    """Yield the verdicts on whoever holds the rights, and on the role of the node."""
    if not holds_for_node(case):
        for rule, failing in _PEOPLE.items():
            yield _person(case, rule, failing.get(case.rights, ""))
    if case.node is not Node.NO_PROFILE:
        yield from _role(case)


def _subject(case: Configuration) -> str:
    match case.form:
        case Form.NOWHERE:
            return "aws_iam_policy.rights"
        case Form.PERMISSION_SET:
            return "aws_ssoadmin_permission_set.operator"
        case Form.NAMED_ROLE | Form.NAMED_USER | Form.NAMED_GROUP:
            return "*"
        case _:
            return {Holder.USER: "aws_iam_user.operator", Holder.GROUP: "*"}.get(case.holder, "aws_iam_role.operator")


def _person(case: Configuration, rule: str, severity: str) -> Expected:
    subject = _subject(case)
    right = _right_of_person(case, FAILED if severity else HARMLESS)
    if "failed" not in right and not _opens_sessions(case, rule):
        right |= SILENT
    if right == HARMLESS and rule in _ABOUT_SESSIONS and case.unread is Unread.BOUNDARY:
        right = NOT_FAILED  # whether it may open sessions at all is for the boundary to say
    if case.form is Form.NOWHERE and severity:
        said = "attached nowhere here" if right == FAILED else ""
        return Expected(rule, subject, GLOBAL, right, _LOWER[severity] if said else "", once=True, said=said)
    # What is not read may make it an administrator, of whom less is said.
    known = severity if right == FAILED and not may_attach(case, to_holder=True) else ""
    return Expected(rule, subject, GLOBAL, right, known, once="*" not in subject)


def _opens_sessions(case: Configuration, rule: str) -> bool:
    """Say whether the holder is one whom the rule is about, whatever else it may do."""
    if case.form is Form.NOWHERE:
        return rule in _ABOUT_SESSIONS and case.rights is Rights.MINIMAL
    if case.form in NAMED:
        return False
    return rule not in _ABOUT_SESSIONS or case.rights is not Rights.DENIED


def _right_of_person(case: Configuration, right: frozenset[str]) -> frozenset[str]:
    if case.rights is Rights.ADMINISTRATOR and right == HARMLESS:
        # What is not read may deny enough for it to be no administrator.
        is_known = case.unread in {Unread.NOTHING, Unread.NULL_MODULE, Unread.BARE_MODULE} and case.form not in NAMED
        return HARMLESS if is_known else NOT_FAILED
    if case.form is Form.NOWHERE:
        return UNDECIDED if is_overridden(case) else right
    found = beside(case, right, to_holder=True, capped=is_capped(case))
    return _of_named(case, found)


def _of_named(case: Configuration, right: frozenset[str]) -> frozenset[str]:
    """Return what is right about a principal that the code only names: what it has elsewhere is not known.

    Whether a role is one of people is not known either, unless it is that of a node. What is denied here stays denied.
    """
    if case.form not in NAMED or is_overridden(case):
        return right
    if right == FAILED:
        return NOT_PASSED if case.form is Form.NAMED_ROLE and not holds_for_node(case) else FAILED
    if is_capped(case):
        # A role of nodes is judged by all that it has, of which the code does not hold the rest.
        return NOT_FAILED | SILENT if holds_for_node(case) else SILENT
    return right if right == UNDECIDED and case.unread is not Unread.FILE else NOT_FAILED | SILENT


def _role(case: Configuration) -> Iterator[Expected]:
    subject = "*" if holds_for_node(case) and case.form in NAMED else NODE_ROLE
    once = subject == NODE_ROLE
    if case.node is Node.BARE_PROFILE:
        for rule in ("ROLE-01", "ROLE-02", "ROLE-03"):
            yield Expected(rule, subject, GLOBAL, NOT_FAILED)
        return
    severity = _administers(case)
    if severity is not None:
        right = _excess(case, is_bad=bool(severity))
        yield Expected("ROLE-01", subject, GLOBAL, right, severity if right == FAILED else "", once=once)
    reads = holds_for_node(case) and case.rights in {Rights.ADMINISTRATOR, Rights.SYSTEMS_MANAGER}
    yield Expected("ROLE-02", subject, GLOBAL, _excess(case, is_bad=reads), once=once)
    yield Expected("ROLE-03", subject, GLOBAL, _need(case), once=once)


def _administers(case: Configuration) -> str | None:
    """Return how bad the role's rights are, an empty text where they are not, None where that is a matter of taste."""
    if not holds_for_node(case):
        return ""
    if case.rights is Rights.SYSTEMS_MANAGER:
        return "high" if aws_policy(case) is not None else None
    return "critical" if case.rights is Rights.ADMINISTRATOR else ""


def _excess(case: Configuration, *, is_bad: bool) -> frozenset[str]:
    own = holds_for_node(case)
    found = beside(case, FAILED if is_bad else PASSED, to_holder=own, capped=own and is_capped(case))
    return _of_named(case, found) if own else found


def _need(case: Configuration) -> frozenset[str]:
    """Return what is right about the permissions that sessions need."""
    own = holds_for_node(case)
    is_named = own and case.form in NAMED
    if is_overridden(case):
        return UNDECIDED | {"none"} if is_named else UNDECIDED
    lacks = case.node is Node.HEARTBEAT or (own and case.rights is Rights.SYSTEMS_MANAGER)
    adds = may_attach(case, to_holder=own)
    if is_named:
        return NEVER_PASSED | {"none"} if lacks else NOT_FAILED | SILENT
    if lacks:
        return UNDECIDED if adds else FAILED
    if own and case.unread is Unread.BOUNDARY:
        return UNDECIDED
    is_split = case.elsewhere in {Elsewhere.GROUP, Elsewhere.KEY}  # no right on what the node cannot use is needed
    # What is not read may encrypt the bucket with a key, which the node then needs too.
    return UNSURE if adds or is_split or may_set(case) else PASSED
