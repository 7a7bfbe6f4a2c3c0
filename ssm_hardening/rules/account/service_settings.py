"""Service settings and activations, and who may register a node: ACCT-01, ACCT-04 and ACCT-06."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from ssm_hardening.access.settings import Found, find
from ssm_hardening.core.errors import counted
from ssm_hardening.core.logic import Answer, every, flag, known_or, literal, negated, text_of
from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Absent, Inventory, Known, Reference, Unknown
from ssm_hardening.model import LIVE, Account
from ssm_hardening.model.default_management import MANAGEMENT_ROLE, NO_ROLE
from ssm_hardening.model.facts import exists
from ssm_hardening.model.joins import names
from ssm_hardening.rules.kit.checks import Check, conclude, gaps, headed, shown, when, wrong
from ssm_hardening.rules.kit.sources import silent, told, unless_declared
from ssm_hardening.rules.kit.subjects import the_account
from ssm_hardening.rules.registry import Context, Selector, rule
from ssm_hardening.verdicts.findings import (
    Failed,
    NotApplicable,
    Passed,
    Severity,
    Undecided,
    Verdict,
)

if TYPE_CHECKING:
    # Loaded on demand: the pre-commit check, which reads code, never needs them.
    from ssm_hardening.model import Activation


PUBLIC_SHARING = "/ssm/documents/console/public-sharing-permission"
ACTIVATION_TIER = "/ssm/managed-instance/activation-tier"

_SHARING_UNTOLD = "whether documents can be shared publicly"
_NODES_UNTOLD = "how nodes are registered"
_LENT = "every instance without an instance profile becomes a node with the role"


@rule(
    id="ACCT-01",
    title="Public sharing of documents is blocked",
    headline="Documents can be shared publicly",
    severity=Severity.HIGH,
    over=the_account,
    manual=(
        "the setting affects the documents of every team in the Region: aws ssm update-service-setting --setting-value "
        "Disable --setting-id "
        f"arn:PARTITION:ssm:REGION:ACCOUNT:servicesetting{PUBLIC_SHARING}, or aws_ssm_service_setting in code"
    ),
)
def blocks_public_sharing(account: Account, _context: Context) -> Verdict:
    """One wrong click makes a document public, including the names of buckets, keys, and users, and its scripts.

    The service setting blocks public sharing for all documents in a Region. By default, AWS allows public sharing.

    Undecided when the setting could not be read. Not applicable to code that does not declare it.

    Reference: AWS Systems Manager User Guide, "Block public sharing for SSM documents"; Security Hub control SSM.7.
    """
    setting = find(account, PUBLIC_SHARING)
    if setting is None:
        return silent(account, _SHARING_UNTOLD)
    undecided = f"{_SHARING_UNTOLD} is unknown"
    if isinstance(setting, Unknown):
        return Undecided(account.at, setting, undecided)
    value = text_of(setting.value)
    default = " (the AWS default)" if isinstance(value, Known) and value.defaulted else ""
    open_ = "public sharing of documents is not blocked: the setting is"
    return conclude(
        setting.origin,
        wrong(
            value,
            lambda text: "" if text == "Disable" else f"{open_} {shown(text)}{default}",
            absent="public sharing of documents is not blocked: the setting has no value",
        ),
        passed=Passed(value.at, "public sharing of documents is blocked"),
        undecided=undecided,
    )


@rule(
    id="ACCT-04",
    title="Nodes are registered only as expected",
    headline="Nodes can be registered unexpectedly",
    severity=Severity.MEDIUM,
    may=(Severity.LOW,),
    over=the_account,
    manual=(
        "only you know what is expected: add it to the standard (default_management_roles, activation_tiers); for the "
        "rest, run aws ssm reset-service-setting, or aws ssm delete-activation --activation-id ID"
    ),
)
def makes_nodes_as_expected(account: Account, context: Context) -> Verdict:
    """Default Host Management registers every instance without an instance profile, and gives all of them one role.

    This role must be one that the standard lists in `default_management_roles`. The activation tier must be one of
    `activation_tiers`; sessions on hybrid nodes need the advanced tier, which is not free. An activation that can still
    be used lets unknown machines register (low; ACCT-06 checks how many).

    Undecided when a setting or an activation could not be read. Not applicable to code that declares neither setting.

    Reference: AWS Systems Manager User Guide, "Managing EC2 instances automatically with Default Host Management
    Configuration" and "Configuring instance tiers".
    """
    role, tier = find(account, MANAGEMENT_ROLE), find(account, ACTIVATION_TIER)
    if role is None and tier is None:
        return silent(account, _NODES_UNTOLD)
    roles, tiers = context.thresholds.default_management_roles, context.thresholds.activation_tiers
    lent = _unexpected(_spelled(role, account), (*roles, *NO_ROLE), _LENT)
    return conclude(
        account.at,
        (
            *headed("Instances get an unexpected default role", lent),
            *headed("Activation tier is unexpected", _unexpected(tier, tiers, "the activation tier is")),
            *headed("Hybrid activation can still be used", _open_activations(account)),
        ),
        passed=Passed(
            account.at, "the role of Default Host Management, the activation tier, and the activations are as expected"
        ),
        undecided=f"{_NODES_UNTOLD} is unknown",
    )


def _spelled(found: Found, account: Account) -> Found:
    """Return a setting with the name of the role that it refers to, where the role is declared with one."""
    if found is None or isinstance(found, Unknown):
        return found
    value = found.value
    if not isinstance(value, Known) or not isinstance(value.value, Reference):
        return found
    called = [literal(role.name) for role in account.roles if names(value, role) is True]
    name = called[0] if len(called) == 1 else None
    return found if name is None else replace(found, value=Known(name, value.at))


def _unexpected(found: Found, expected: tuple[str, ...], what: str) -> Iterator[Check]:
    yield from gaps(found)
    if found is not None and not isinstance(found, Unknown):
        yield from wrong(
            text_of(found.value),
            lambda text: "" if text in expected else f"{what} {shown(text)}, which the standard does not expect",
        )


def _open_activations(account: Account) -> Iterator[Check]:
    """Look for activations that are open; what code declares does not exist yet."""
    found = account.activations if account.source == LIVE else Inventory()
    for activation in found.items:
        text = f"the activation {activation.address} can still be used"
        yield from when(_is_open(activation), text, Severity.LOW, at=activation.origin)
    yield from gaps(found.gap)


def _is_open(activation: "Activation") -> Answer:
    """Say whether the activation lets a further machine in; without a limit it is for one."""
    used, limit = known_or(activation.used, 0), known_or(activation.limit, 1)
    room = next(gaps(activation.used, activation.limit), Known(used < limit, activation.origin))
    expired = flag(activation.expired, absent=False)
    return every((exists(activation), negated(expired), room), activation.origin)


_MACHINES_UNTOLD = "how many machines can register with the activation is unknown"


def _activations(account: Account) -> "Inventory[Activation]":
    return told(account, account.activations)


activations: "Selector[Activation]" = Selector(
    "hybrid activations",
    _activations,
    silence=unless_declared(lambda account: account.activations, "which hybrid activations there are"),
)


@rule(
    id="ACCT-06",
    title="Hybrid activations are limited",
    headline="Too many machines can still register",
    severity=Severity.HIGH,
    over=activations,
    manual=(
        "only you know which machines still have to register: delete the activation (aws ssm delete-activation "
        "--activation-id ID), and create one for exactly these machines that expires on the same day; registered nodes "
        "are not affected"
    ),
)
def bounds_registrations(activation: "Activation", context: Context) -> Verdict:
    """Anyone with the activation code can register any machine as a node, which then gets the role of the activation.

    A machine of someone else, or an EC2 instance that registers a second time elsewhere, looks like one of your nodes.
    The number of machines that can still register must not exceed `activation_registrations_max` of the standard. For
    an activation in code, this is its registration limit.

    Undecided when the limit is unknown or, for an activation in a live account with a higher limit, when it is
    unknown whether it has expired and how often it was used.

    Reference: AWS Systems Manager User Guide, "Create a hybrid activation to register nodes with Systems Manager".
    """
    most = context.thresholds.activation_registrations_max
    match activation.limit:
        case Known(limit, at):
            text = f"the activation is for {counted(limit, 'machine')}; the maximum is {most}"
            bounded = Passed(at, text)
            if limit > most and context.account.source != LIVE:
                return Failed(at, text)
            return bounded if limit <= most else _if_open(activation, limit, most)
        case Absent(at):
            return Passed(at, "the activation is for 1 machine")
        case Unknown() as gap:
            return Undecided(activation.origin, gap, _MACHINES_UNTOLD)


def _if_open(activation: "Activation", limit: int, most: int) -> Verdict:
    match activation.expired:
        case Known(flag, at):
            if flag:
                return NotApplicable(at, "the activation has expired")
        case Unknown() as gap:
            return Undecided(activation.origin, gap, _MACHINES_UNTOLD)
        case Absent():
            pass
    match activation.used:
        case Known(used, at):
            return _remaining(at, limit - used, most)
        case Absent(at):
            return _remaining(at, limit, most)
        case Unknown() as gap:
            return Undecided(activation.origin, gap, _MACHINES_UNTOLD)


def _remaining(at: Origin, left: int, most: int) -> Verdict:
    if left <= most:
        return Passed(at, f"{counted(max(left, 0), 'more machine')} can register with it; the maximum is {most}")
    return Failed(at, f"{counted(left, 'more machine')} can register with it; the maximum is {most}")
