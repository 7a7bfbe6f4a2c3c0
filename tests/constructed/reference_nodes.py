"""The verdicts that follow for the node, and for the part that is not read."""

from collections.abc import Iterator

from tests.constructed.axes import Configuration, Elsewhere, Exposure, Metadata, Node, Regions, Unread
from tests.constructed.expecting import (
    FAILED,
    NOT_FAILED,
    NOT_PASSED,
    PASSED,
    SILENT,
    UNDECIDED,
    Expected,
    is_overridden,
    may_open,
)
from tests.constructed.nodes import LAUNCHERS
from tests.constructed.places import HOME
from tests.constructed.unread import OTHER_FILE, OVERRIDE_FILE

_EXPOSED = {Exposure.SSH: "critical", Exposure.APART: "critical", Exposure.PUBLIC: "medium", Exposure.KEY_PAIR: "low"}
_METADATA = {
    Metadata.REQUIRED: PASSED,
    Metadata.OPTIONAL: FAILED,
    Metadata.DISABLED: PASSED,
    Metadata.UNSET: UNDECIDED,
}
_UNREAD = {
    Unread.BARE_MODULE: "*module.extra*",
    Unread.HANDED_MODULE: "*module.extra*",
    Unread.NAMED_MODULE: "*module.extra*",
    Unread.BOUNDARY: "*module.bounds*",
    Unread.MODULE_POLICY: "*module.policies*",
    Unread.FILE: f"*{OTHER_FILE}*",
    Unread.OVERRIDE: f"*{OVERRIDE_FILE}*",
    Unread.ENCODED_OVERRIDE: f"*{OVERRIDE_FILE}*",
}
READ = "READ-01"
"""The rule that says of each part that was not read what it leaves open."""


def of_node(case: Configuration) -> Iterator[Expected]:
    """Yield the verdicts on the node."""
    if case.node is Node.HYBRID:
        return
    subject = LAUNCHERS.get(case.node, "aws_instance.node")
    region = "*" if case.regions is Regions.UNNAMED else HOME
    severity = _EXPOSED.get(case.exposure, "")
    right = _in_force(case, FAILED if severity else PASSED)
    if right == PASSED and may_open(case):
        right = UNDECIDED
    is_worst = right == FAILED and not may_open(case)
    yield Expected("NET-01", subject, region, right, severity if is_worst else "")
    yield Expected("ROLE-07", subject, region, _in_force(case, _METADATA[case.metadata]))
    yield from _path(case, subject, region)


def _in_force(case: Configuration, right: frozenset[str]) -> frozenset[str]:
    """Return what is right about a node whose template says so, in a version that may not be in force."""
    if is_overridden(case):
        return UNDECIDED
    if case.node is not Node.GROUP_OLD:
        return right
    return NOT_PASSED if right == FAILED else UNDECIDED


def _path(case: Configuration, subject: str, region: str) -> Iterator[Expected]:
    if case.node is Node.HEARTBEAT:
        in_doubt = is_overridden(case) or case.unread is Unread.FILE
        yield Expected("PATH-01", subject, region, UNDECIDED if in_doubt else FAILED)
    is_whole = case.elsewhere not in {Elsewhere.GROUP, Elsewhere.KEY}
    if case.node in {Node.NO_PROFILE, Node.BARE_PROFILE} and is_whole:
        yield Expected("PATH-01", subject, region, NOT_FAILED)


def of_unread(case: Configuration) -> Iterator[Expected]:
    """Yield the verdict on the part that is not read: one, undecided; none where the part cannot matter."""
    if case.unread in _UNREAD:
        yield Expected(READ, _UNREAD[case.unread], "*", UNDECIDED, once=True)
    if case.unread in {Unread.NOTHING, Unread.NULL_MODULE}:
        yield Expected(READ, "*", "*", SILENT)
