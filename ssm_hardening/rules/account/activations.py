"""Who may register a machine as a node: ACCT-06."""

from typing import TYPE_CHECKING

from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Absent, Inventory, Known, Unknown
from ssm_hardening.model import LIVE, Account
from ssm_hardening.rules.kit.sources import told, unless_declared
from ssm_hardening.rules.registry import Context, Selector, rule
from ssm_hardening.verdicts.findings import (
    Failed,
    NotApplicable,
    Passed,
    Question,
    Requirement,
    Severity,
    Undecided,
    Verdict,
)

if TYPE_CHECKING:
    # Loaded on demand: the pre-commit check, which reads code, never needs them.
    from ssm_hardening.model import Activation

_UNTOLD = "how many machines the activation lets in cannot be told"


def _activations(account: Account) -> "Inventory[Activation]":
    return told(account, account.activations)


activations: "Selector[Activation]" = Selector(
    "hybrid activations",
    _activations,
    silence=unless_declared(lambda account: account.activations, "which hybrid activations there are"),
)


@rule(
    id="ACCT-06",
    title="Hybrid registration bounded",
    severity=Severity.HIGH,
    over=activations,
    question=Question.AUDIT,
    requirement=Requirement.AUDITING,
    manual=(
        "only you know which machines are still to come: end the activation (aws ssm delete-activation "
        "--activation-id ID), and make one for exactly those, which expires the same day; registered nodes stay"
    ),
)
def bounds_registrations(activation: "Activation", context: Context) -> Verdict:
    """Whoever has an activation's code can register any machine as a node, which then gets the activation's role.

    An EC2 instance that is registered elsewhere a second time, or a stranger's machine, looks like one's own. So the
    machines that an open activation still lets in must be few: at most the standard's `activation_registrations_max`.
    Of one in code all are still to come.

    It cannot tell where the limit is not known, or, of a live one with a higher limit, whether it has expired and how
    often it was used.

    Reference: AWS Systems Manager User Guide, "Create a hybrid activation to register nodes with Systems Manager".
    """
    most = context.thresholds.activation_registrations_max
    match activation.limit:
        case Known(limit, at):
            bounded = Passed(at, f"the activation is for {limit} machines; {most} are allowed")
            if limit > most and context.account.source != LIVE:
                return Failed(at, f"the code makes an activation for {limit} machines; {most} are allowed")
            return bounded if limit <= most else _if_open(activation, limit, most)
        case Absent(at):
            return Passed(at, "the activation is for one machine")
        case Unknown() as gap:
            return Undecided(activation.origin, gap, _UNTOLD)


def _if_open(activation: "Activation", limit: int, most: int) -> Verdict:
    match activation.expired:
        case Known(flag, at):
            if flag:
                return NotApplicable(at, "the activation has expired")
        case Unknown() as gap:
            return Undecided(activation.origin, gap, _UNTOLD)
        case Absent():
            pass
    match activation.used:
        case Known(used, at):
            return _remaining(at, limit - used, most)
        case Absent(at):
            return _remaining(at, limit, most)
        case Unknown() as gap:
            return Undecided(activation.origin, gap, _UNTOLD)


def _remaining(at: Origin, left: int, most: int) -> Verdict:
    if left <= most:
        return Passed(at, f"the activation lets {max(left, 0)} more machines in; {most} are allowed")
    return Failed(at, f"the activation lets {left} more machines in; {most} are allowed")
