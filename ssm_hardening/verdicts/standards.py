"""Standards: which rules are on, how severe they are, and which thresholds apply.

The catalogue's severities are those of `strict`; `baseline` is the default. A custom standard is a TOML file:

    base = "baseline"
    off = ["PREF-08"]
    [severities]
    "PREF-07" = "high"
    [thresholds]
    idle_minutes_max = 10
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, TypeGuard

from ssm_hardening.core import limits
from ssm_hardening.core.errors import UsageError, did_you_mean, listed
from ssm_hardening.verdicts.findings import Requirement, RuleInfo, Severity, matching, nearest

_VERSION = re.compile(r"\d+(\.\d+)*")
_ACCOUNT = re.compile(r"\d{12}")
_FLOOR = re.compile(r"(kms|run_as|shell_profile|streaming|encrypted_bucket)=\d+(\.\d+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """The numbers and choices rules hold facts against. Durations in minutes, retention in days.

    `nodeless_region_counts`: missing preferences weigh as much in a Region without nodes. `session_owners` are patterns
    with `*` of the ARNs that may open sessions (none: anybody), `default_management_roles` those that Default Host
    Management may hand to nodes. `accepted_node_policies` are names of policies that may stay attached to nodes though
    they grant more than sessions need. `side_doors_high`: any inbound rule, public address or key pair of a node is
    high; otherwise only ports of remote shells are. `source_conditions_weigh`: a trust policy for Systems Manager
    without source conditions is medium, otherwise low. `private_endpoints_required`: a way out to public endpoints will
    not do. `endpoints_admit_vpc_range`: an endpoint may admit the whole range of its VPC. At most
    `recording_readers_max` may hold a right over recordings or their keys, beside those whose names or ARNs match
    `recording_readers`; recordings may go to ARNs, and be reached through access points, that `recording_copies` match.
    `agent_endpoints` are patterns of endpoints that agents may be pointed to (none: AWS's own alone).
    `kms_challenge_required`: agents must ask for the random challenge of encrypted sessions. Files of sessions may stay
    on a node's disk for `session_logs_days_max` days.
    `agent_feature_floors` say from which version on agents have what preferences may switch on.
    `trusted_accounts` are numbers of other AWS accounts whose principals may become operators.
    `privileged_groups` are groups of Linux whose members may become root without sudo.
    """

    idle_minutes_max: int = 15
    duration_minutes_max: int = 60
    retention_days_min: int = 365
    deletion_window_days_min: int = 14
    object_lock_required: bool = True
    nodeless_region_counts: bool = True
    agent_version_min: str = "3.3.987.0"
    activation_registrations_max: int = 1
    activation_tiers: tuple[str, ...] = ("standard", "advanced")
    default_management_roles: tuple[str, ...] = (
        "AWSSystemsManagerDefaultEC2InstanceManagementRole",
        "service-role/AWSSystemsManagerDefaultEC2InstanceManagementRole",
    )
    session_owners: tuple[str, ...] = ()
    recording_readers_max: int = 3
    recording_readers: tuple[str, ...] = ()
    recording_copies: tuple[str, ...] = ()
    session_documents: tuple[str, ...] = ("SSM-SessionManagerRunShell",)
    document_check_required: bool = True
    tunnel_users: tuple[str, ...] = ()
    tunnels_forbidden: bool = True
    command_documents: tuple[str, ...] = ("AWS-UpdateSSMAgent",)
    preference_administrators: tuple[str, ...] = ()
    administrators_named: bool = True
    trusted_accounts: tuple[str, ...] = ()
    accepted_shells: tuple[str, ...] = ()
    agent_endpoints: tuple[str, ...] = ()
    kms_challenge_required: bool = True
    session_logs_days_max: int = 14
    agent_feature_floors: tuple[str, ...] = (
        "kms=2.3.539.0",
        "run_as=3.0.222.0",
        "shell_profile=3.0.196.0",
        "streaming=3.0.356.0",
        "encrypted_bucket=3.0.529.0",
    )
    privileged_groups: tuple[str, ...] = (
        *("root", "docker", "lxd", "incus-admin", "libvirt", "microk8s", "disk", "shadow", "kmem"),
    )
    accepted_node_policies: tuple[str, ...] = ()
    hop_limit_max: int = 1
    side_doors_high: bool = True
    source_conditions_weigh: bool = True
    private_endpoints_required: bool = False
    endpoints_admit_vpc_range: bool = False
    run_as_forbidden_users: tuple[str, ...] = (
        "root",
        "ssm-user",
        "ec2-user",
        "ubuntu",
        "admin",
        "centos",
        "debian",
        "fedora",
        "rocky",
        "almalinux",
        "cloud-user",
        "bitnami",
        "toor",
        "Administrator",
        "administrator",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Standard:
    """A named set of choices over the catalogue."""

    name: str
    off: frozenset[str] = frozenset()
    severities: Mapping[str, Severity] = field(default_factory=dict)
    thresholds: Thresholds = field(default_factory=Thresholds)

    def severity_of(self, rule: RuleInfo, named: Severity | None) -> Severity:
        """Return the severity of a failure: the verdict's own, else the standard's, else the catalogue's."""
        return named or self.severities.get(rule.id, rule.severity)


_BASELINE = Standard(
    name="baseline",
    severities={
        "PREF-05": Severity.MEDIUM,
        "PREF-06": Severity.MEDIUM,
        "PREF-08": Severity.LOW,
        "PREF-15": Severity.LOW,
        "RUNAS-01": Severity.MEDIUM,
        "KMS-01": Severity.LOW,
        "CW-02": Severity.LOW,
        "NET-02": Severity.LOW,
    },
    thresholds=Thresholds(
        idle_minutes_max=20,
        duration_minutes_max=720,
        object_lock_required=False,
        nodeless_region_counts=False,
        activation_registrations_max=10,
        recording_readers_max=5,
        document_check_required=False,
        tunnels_forbidden=False,
        administrators_named=False,
        hop_limit_max=2,
        side_doors_high=False,
        source_conditions_weigh=False,
        endpoints_admit_vpc_range=True,
        kms_challenge_required=False,
    ),
)

BUILT_IN: Mapping[str, Standard] = {
    "baseline": _BASELINE,
    "strict": Standard(name="strict"),
    "transcript-only": replace(_BASELINE, name="transcript-only", off=frozenset({"RUNAS-01", "RUNAS-02", "KMS-01"})),
}


NEEDED: Mapping[Requirement, tuple[str, ...]] = {
    Requirement.SECURE_ACCESS: ("NET", "KMS-01", "HOST-04"),
    Requirement.ACCESS_CONTROL: ("OPER", "ROLE", "RUNAS", "HOST-02", "HOST-03"),
    Requirement.AUDITING: ("PREF", "S3", "CW", "KMS", "REC-01", "OPER-04", "OPER-05", "OPER-09", "ACCT"),
    Requirement.CROSS_PLATFORM: ("HOST", "RUNAS", "PREF-12"),
}
"""Families of rules, and single rules, without which a requirement cannot be called met, whatever the standard."""


def load_standard(name: str, *, known: Collection[str] | None = None) -> Standard:
    """Return the built-in standard called `name`, or the one in the TOML file of that path.

    `known` are the ids of the rules there are; where they are given, the file may name no other. Raises UsageError
    where there is neither, or the file is not a standard.
    """
    if name in BUILT_IN:
        return BUILT_IN[name]
    path = Path(name)
    if not path.is_file():
        hint = f"{did_you_mean(name, BUILT_IN, otherwise='')} use {', '.join(BUILT_IN)}, or the path of a TOML file"
        raise UsageError(f"standard {name!r} does not exist", hint=hint.strip())
    try:
        data = limits.read_named(path, limits.STANDARD, hint="see docs/standards.md for the keys")
        return _from_toml(path, limits.toml_in(data.decode()), known)
    except (OSError, ValueError) as error:
        raise UsageError(
            f"{path}: is not a valid standard: {error}", hint="see docs/standards.md for the keys"
        ) from error


_KEYS = ("base", "off", "severities", "thresholds")
_TIERS = ("standard", "advanced")


def _from_toml(path: Path, data: dict[str, Any], known: Collection[str] | None) -> Standard:
    unknown = sorted(set(data) - set(_KEYS))
    if unknown:
        meant = did_you_mean(unknown[0], _KEYS, otherwise=f"the keys are {listed(_KEYS, 'and')}")
        raise ValueError(f"unknown {'key' if len(unknown) == 1 else 'keys'} {', '.join(unknown)}; {meant}")
    base = _base(data.get("base", "baseline"))
    off = data.get("off", [])
    if not _are_texts(off):
        raise ValueError('off must be a list of rules, such as ["PREF-08", "OPER-*"]')
    severities = {name: _severity(name, text) for name, text in _table(data, "severities").items()}
    # A rule's own line counts more than that of its family, wherever they are.
    patterns_first = sorted(severities, key=lambda name: "*" not in name)
    return Standard(
        name=str(path),
        off=base.off.union(*(_rules(name, "off", known) for name in off)),
        severities={
            **base.severities,
            **{rule: severities[name] for name in patterns_first for rule in _rules(name, "severities", known)},
        },
        thresholds=_thresholds(base.thresholds, _table(data, "thresholds")),
    )


def _base(name: object) -> Standard:
    if isinstance(name, str) and name in BUILT_IN:
        return BUILT_IN[name]
    raise ValueError(f"base {name!r} does not exist; {did_you_mean(str(name), BUILT_IN, otherwise=_choose(BUILT_IN))}")


def _severity(rule: str, text: object) -> Severity:
    if isinstance(text, str) and text in set(Severity):
        return Severity(text)
    meant = did_you_mean(str(text), tuple(Severity), otherwise=_choose(tuple(Severity)))
    raise ValueError(f"severity {text!r} of {rule} is not valid; {meant}")


def _choose(names: Collection[str]) -> str:
    return f"choose {listed(names)}"


def _rules(name: str, place: str, known: Collection[str] | None) -> tuple[str, ...]:
    """Return the ids that a name in a standard matches. Raises ValueError where `known` holds none of them."""
    found = (name.upper(),) if known is None else matching(name, known)
    if not found:
        meant = nearest(name, known or (), otherwise="run `ssm-harden rules` to list all rules")
        raise ValueError(f"{place} names {name!r}, which is not a rule; {meant}")
    return found


def _table(data: dict[str, Any], key: str) -> dict[str, Any]:
    found = data.get(key, {})
    if isinstance(found, dict):
        return found
    raise ValueError(f"{key} must be a table")


def _are_texts(value: object) -> TypeGuard[list[str]]:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _thresholds(base: Thresholds, data: dict[str, Any]) -> Thresholds:
    names = [each.name for each in fields(Thresholds)]
    for key, value in data.items():
        if key not in names:
            meant = did_you_mean(key, names, otherwise=f"the thresholds are {listed(names, 'and')}")
            raise ValueError(f"unknown threshold {key!r}; {meant}")
        wanted = _wanted(key, value, getattr(base, key))
        if wanted:
            raise ValueError(f"threshold {key!r} {wanted}")
    changes: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in data.items()}
    return replace(base, **changes)


def _wanted(key: str, value: object, default: object) -> str:
    """Return what a threshold must be where `value` is not that, else an empty text."""
    match default:
        case bool():
            return "" if isinstance(value, bool) else "must be true or false"
        case int():
            # A truth value counts as a number in Python.
            whole = isinstance(value, int) and not isinstance(value, bool) and value >= 0
            return "" if whole else "must be a whole number"
        case str():
            return _wanted_text(value, default)
        case _:
            return _wanted_texts(key, value)


def _wanted_text(value: object, default: str) -> str:
    if not isinstance(value, str):
        return f"must be a string such as {default!r}"
    return "" if _VERSION.fullmatch(value) else f"must be a version such as {default}"


def _wanted_texts(key: str, value: object) -> str:
    if not _are_texts(value):
        return "must be a list of strings"
    if key == "activation_tiers" and not set(value) <= set(_TIERS):
        return f"must contain only {listed(_TIERS, 'and')}"
    if key == "trusted_accounts" and not all(map(_ACCOUNT.fullmatch, value)):
        return 'must contain account IDs of 12 digits, such as "111122223333"'
    if key == "agent_feature_floors" and not all(map(_FLOOR.fullmatch, value)):
        return f"must contain strings such as {Thresholds().agent_feature_floors[0]}"
    return ""
