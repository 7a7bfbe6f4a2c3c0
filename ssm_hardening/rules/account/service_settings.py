"""Service settings and activations, and who may register a node: ACCT-01, ACCT-04 and ACCT-06."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeAlias

from ssm_hardening.core.logic import Answer, ask, every, flag, is_yes, known_or, negated, text_of
from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Absent, Inventory, Known, Reference, Template, Text, Unknown, Why
from ssm_hardening.model import LIVE, Account
from ssm_hardening.model.facts import exists
from ssm_hardening.rules.kit.checks import Check, conclude, gaps, shown, when, wrong
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
    from ssm_hardening.model import Activation, ServiceSetting


PUBLIC_SHARING = "/ssm/documents/console/public-sharing-permission"
MANAGEMENT_ROLE = "/ssm/managed-instance/default-ec2-instance-management-role"
ACTIVATION_TIER = "/ssm/managed-instance/activation-tier"

_SHARING_UNTOLD = "whether documents can be shared publicly"
_NODES_UNTOLD = "how machines become nodes"
_NO_ROLE = frozenset({"", "$None"})

Found: TypeAlias = "ServiceSetting | Unknown | None"


def find(account: Account, identifier: str) -> Found:
    """Return the setting of this id, why it cannot be told which one it is, or None where code declares none."""
    settings = told(account, account.settings)
    answers = [(setting, _is(setting, identifier)) for setting in settings.items]
    for setting, answer in answers:
        if is_yes(answer):
            return setting
    doubt = next(gaps(*(answer for _, answer in answers), settings.gap), None)
    if doubt is None and account.source == LIVE:
        return Unknown(Why.OUT_OF_SCOPE, account.at, f"the setting {identifier} was not read")
    return doubt


def _is(setting: "ServiceSetting", identifier: str) -> Answer:
    """Compare the name, which code may give as an ARN that ends in the id."""
    named = ask(setting.name, lambda text: _ends_in(text, identifier, setting.name.at), absent=False)
    return every((named, exists(setting)), setting.origin)


def _ends_in(text: Text, identifier: str, at: Origin) -> bool | Unknown:
    match text:
        case str():
            return text == identifier or text.endswith(f":servicesetting{identifier}")
        case Template(parts=(*_, str() as tail)):
            return tail.endswith(identifier)
        case Reference() | Template():
            return Unknown(Why.COMPUTED, at, f"{text}, known after apply")


@rule(
    id="ACCT-01",
    title="Public sharing of documents blocked",
    severity=Severity.HIGH,
    over=the_account,
    manual=(
        "the setting holds for every team's documents in the Region: aws ssm update-service-setting --setting-value "
        "Disable --setting-id "
        f"arn:PARTITION:ssm:REGION:ACCOUNT:servicesetting{PUBLIC_SHARING}, or aws_ssm_service_setting in code"
    ),
)
def blocks_public_sharing(account: Account, _context: Context) -> Verdict:
    """One wrong click makes a document public, and with it buckets, keys, users and scripts it names.

    The service setting blocks public sharing for all documents of a Region; AWS leaves it open.

    It cannot tell where the setting could not be read, or where code does not declare it.

    Reference: AWS Systems Manager User Guide, "Block public sharing for SSM documents"; Security Hub control SSM.7.
    """
    setting = find(account, PUBLIC_SHARING)
    if setting is None:
        return silent(account, _SHARING_UNTOLD)
    undecided = f"{_SHARING_UNTOLD} cannot be told"
    if isinstance(setting, Unknown):
        return Undecided(account.at, setting, undecided)
    value = text_of(setting.value)
    default = " (the default of AWS)" if isinstance(value, Known) and value.defaulted else ""
    open_ = "public sharing of documents is not blocked: the setting is"
    return conclude(
        setting.origin,
        wrong(
            value,
            lambda text: "" if text == "Disable" else f"{open_} {shown(text)}{default}",
            absent="public sharing of documents is open: the setting has no value",
        ),
        passed=Passed(value.at, "public sharing of documents is blocked"),
        undecided=undecided,
    )


@rule(
    id="ACCT-04",
    title="Machines become nodes only as expected",
    severity=Severity.MEDIUM,
    may=(Severity.LOW,),
    over=the_account,
    manual=(
        "only you know what is expected, which goes into the standard (default_management_roles, activation_tiers); "
        "for the rest, aws ssm reset-service-setting, and aws ssm delete-activation --activation-id ID"
    ),
)
def makes_nodes_as_expected(account: Account, context: Context) -> Verdict:
    """Default Host Management makes a node of every instance without a profile, and gives it one role for all.

    Only roles the standard expects (`default_management_roles`) may be handed out so, the activation tier must be one
    of `activation_tiers` (sessions on hybrid nodes take the advanced one, which is paid for), and an activation that is
    open is a door for a machine nobody knows (low; ACCT-06 asks how wide it is).

    It cannot tell where a setting or an activation could not be read, or where code declares neither setting.

    Reference: AWS Systems Manager User Guide, "Managing EC2 instances automatically with Default Host Management
    Configuration" and "Configuring instance tiers".
    """
    role, tier = find(account, MANAGEMENT_ROLE), find(account, ACTIVATION_TIER)
    if role is None and tier is None:
        return silent(account, _NODES_UNTOLD)
    roles, tiers = context.thresholds.default_management_roles, context.thresholds.activation_tiers
    return conclude(
        account.at,
        (
            *_unexpected(role, (*roles, *_NO_ROLE), "every instance without a profile becomes a node with the role"),
            *_unexpected(tier, tiers, "the activation tier is"),
            *_open_activations(account),
        ),
        passed=Passed(account.at, "roles of Default Host Management, tier and activations are as expected"),
        undecided=f"{_NODES_UNTOLD} cannot be told",
    )


def _unexpected(found: Found, expected: tuple[str, ...], what: str) -> Iterator[Check]:
    yield from gaps(found)
    if found is not None and not isinstance(found, Unknown):
        yield from wrong(
            text_of(found.value),
            lambda text: "" if text in expected else f"{what} {shown(text)}, which the standard does not expect",
        )


def _open_activations(account: Account) -> Iterator[Check]:
    """Look for activations that are open; what code declares is not there yet."""
    found = account.activations if account.source == LIVE else Inventory()
    for activation in found.items:
        text = f"the activation {activation.address} is open"
        yield from when(_is_open(activation), text, Severity.LOW, at=activation.origin)
    yield from gaps(found.gap)


def _is_open(activation: "Activation") -> Answer:
    """Say whether the activation lets a further machine in; without a limit it is for one."""
    used, limit = known_or(activation.used, 0), known_or(activation.limit, 1)
    room = next(gaps(activation.used, activation.limit), Known(used < limit, activation.origin))
    expired = flag(activation.expired, absent=False)
    return every((exists(activation), negated(expired), room), activation.origin)


_MACHINES_UNTOLD = "how many machines the activation lets in cannot be told"


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
        return Passed(at, f"the activation lets {max(left, 0)} more machines in; {most} are allowed")
    return Failed(at, f"the activation lets {left} more machines in; {most} are allowed")
