"""What is expected of a verdict, and what an unread part leaves of it."""

import re
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from tests.constructed.axes import ATTACHED, HANDED, OVERRIDES, Configuration, Holder, Node, Rights, Unread

PASSED = frozenset({"passed"})
FAILED = frozenset({"failed"})
UNDECIDED = frozenset({"undecided"})
HARMLESS = frozenset({"passed", "not_applicable"})
SILENT = HARMLESS | {"none"}
NOT_FAILED = frozenset({"passed", "not_applicable", "undecided"})
NOT_PASSED = frozenset({"failed", "undecided"})
NEVER_PASSED = NOT_PASSED | {"not_applicable"}
UNSURE = frozenset({"passed", "undecided"})

GLOBAL = "global"
"""The Region of what belongs to the account."""


ACCOUNT = "account"
"""The subject of what a rule says of the account as a whole, which is no verdict on an object."""


@dataclass(frozen=True, slots=True)
class Expected:
    """The verdict of one rule on one subject in one Region; `*` in these stands for any text.

    `verdicts`: those that are right. Of several findings, the worst counts. `severity`: that of the worst failure.
    `once`: there is one finding. `said`: a part of each message.
    """

    rule: str
    subject: str
    region: str
    verdicts: frozenset[str]
    severity: str = ""
    once: bool = False
    said: str = ""

    @property
    def is_decided(self) -> bool:
        """Say whether the construction decides the verdict: to passed, or to failed."""
        return self.verdicts == FAILED or (len(self.verdicts) > 0 and self.verdicts <= SILENT)

    @property
    def is_exact(self) -> bool:
        """Say whether one answer is right, which may be undecided."""
        return self.is_decided or self.verdicts == UNDECIDED

    def is_about(self, rule: str, subject: str, region: str) -> bool:
        """Say whether a finding is one of those that are meant."""
        pairs = ((self.rule, rule), (self.subject, subject), (self.region, region))
        return subject != ACCOUNT and all(_matches(pattern, text) for pattern, text in pairs)


def _matches(pattern: str, text: str) -> bool:
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), text) is not None


def is_overridden(case: Configuration) -> bool:
    """Say whether a file that is not read may replace anything."""
    return case.unread in OVERRIDES


def may_attach(case: Configuration, *, to_holder: bool) -> bool:
    """Say whether what is not read may attach a policy to the holder of the rights, or to another role."""
    return case.unread is Unread.FILE or (to_holder and case.unread in {*HANDED, *ATTACHED})


def may_open(case: Configuration) -> bool:
    """Say whether what is not read may open ports of the node."""
    return case.unread in {Unread.FILE, Unread.HANDED_MODULE} and case.node is not Node.HYBRID


def may_set(case: Configuration) -> bool:
    """Say whether what is not read may have settings of the bucket that the code leaves out."""
    return case.unread in {Unread.FILE, *HANDED}


def is_capped(case: Configuration) -> bool:
    """Say whether a boundary or a denial limits the holder, whatever else is attached."""
    return case.rights in {Rights.BOUNDED, Rights.DENIED}


def beside(case: Configuration, right: AbstractSet[str], *, to_holder: bool, capped: bool) -> frozenset[str]:
    """Return what is right about a grant that nobody should have, beside the part that is not read.

    What is granted stays granted beside a policy that is not known, and may be cut by a boundary that is not known.
    What is not granted here may be granted there, unless a known limit holds.
    """
    if is_overridden(case):
        return UNDECIDED
    if "failed" in right:
        cut = to_holder and case.unread is Unread.BOUNDARY
        return UNDECIDED if cut else frozenset(right)
    return UNDECIDED if may_attach(case, to_holder=to_holder) and not capped else frozenset(right)


def holds_for_node(case: Configuration) -> bool:
    """Say whether the rights in question are those of the node."""
    return case.holder is Holder.NODE
