"""How the agent on a node is set up: HOST-04."""

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from ssm_hardening.core.errors import counted, listed
from ssm_hardening.core.logic import Answer, chained, each, flag, known_or, setting, text_in, text_of
from ssm_hardening.core.values import Absent, Items, Known, Record, Unknown, Value, Why
from ssm_hardening.rules.hosts.inside import WINDOWS, hosts, read_text
from ssm_hardening.rules.kit.checks import Check, Problem, conclude, gaps, headed, required, shown, unless, when, wrong
from ssm_hardening.rules.registry import Context, rule
from ssm_hardening.verdicts.findings import Passed, Requirement, Severity, Verdict
from ssm_hardening.verdicts.standards import Thresholds

if TYPE_CHECKING:
    # Loaded on demand: the pre-commit check, which reads code, never needs them.
    from ssm_hardening.model import Host

DENIED = (
    *("169.254.169.254", "fd00:ec2::254", "169.254.169.253", "fd00:ec2::253", "169.254.169.123", "fd00:ec2::123"),
    *("169.254.169.250", "169.254.169.251", "fd00:ec2::250"),
)
"""What the agent forwards nothing to by default: metadata, DNS, time, licences (README of amazon-ssm-agent, `Mgs`)."""

_ENDPOINTS = ("Ssm", "Mgs", "Mds", "S3", "Kms")
_OF_AWS = re.compile(
    r"(https://)?(vpce-[a-z0-9-]+\.)?(ssm|ssmmessages|ec2messages|s3|kms)(-fips)?(\.dualstack)?\.[a-z]{2,}(-[a-z]+)+-\d{1,2}"
    r"(\.vpce\.amazonaws\.com|\.amazonaws\.com|\.api\.aws)(\.cn)?(:443)?/?"
)
"""A service's own name in a Region, written out; not whatever else lives below amazonaws.com."""
_MODE = re.compile(r"[0-7]{3,4}")
_TRUSTED_INSTALLER = "s-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464"
_OWNERS = frozenset(
    {
        *("s-1-5-18", "s-1-5-32-544", _TRUSTED_INSTALLER),
        *("system", "nt authority\\system", "builtin\\administrators", "nt service\\trustedinstaller"),
    }
)
"""Who may own the file on Windows: by SID, or as Windows names them in English."""


@rule(
    id="HOST-04",
    title="Agent configuration is safe",
    headline="SSM Agent configuration is unsafe",
    severity=Severity.HIGH,
    may=(Severity.LOW,),
    over=hosts,
    requirement=Requirement.SECURE_ACCESS,
    also=(Requirement.CROSS_PLATFORM,),
    remedy="host-baseline",
)
def configures_the_agent_safely(host: "Host", context: Context) -> Verdict:
    """Anyone who can change the agent configuration can redirect its control traffic or expose credentials.

    `amazon-ssm-agent.json` must belong to root (on Windows: SYSTEM or Administrators), and no one else may be able to
    write it. If it lists the addresses that are denied for port forwarding, the list must include all nine that are
    denied by default, such as the metadata service. Endpoints must be those of AWS or match `agent_endpoints` of the
    standard. ContainerMode, which prevents the agent from changing users, and custom identities must be off. If the
    standard requires it (`kms_challenge_required`), the random challenge of encrypted sessions must be on (low).
    Without the file, the defaults of the agent apply.

    Undecided when the file, its owner, or its mode could not be read.

    Reference: README of amazon-ssm-agent, "Config definitions".
    """
    passed = Passed(host.config.at, "only administrators can write the agent configuration, and its settings are safe")
    checks = (*headed("Others can change the agent configuration", _file(host)), *_settings(host, context.thresholds))
    return conclude(host.origin, checks, passed=passed, undecided="whether the agent configuration is safe is unknown")


def _file(host: "Host") -> Iterator[Check]:
    if isinstance(host.config, Absent) and isinstance(host.config_path, Absent):
        return
    system = read_text(host.platform)
    if isinstance(system, Unknown):
        yield system
    elif system in WINDOWS:
        yield from _owner(host, _OWNERS)
        yield from _writers(host)
    else:
        yield from _owner(host, frozenset({"0", "root"}))
        yield from _mode(host)


def _owner(host: "Host", accepted: frozenset[str]) -> Iterator[Check]:
    owner = required(text_of(host.config_owner), Why.UNPARSEABLE, "who owns the agent configuration")
    return wrong(
        owner,
        lambda text: "" if text.casefold() in accepted else f"the agent configuration belongs to {shown(text)}",
    )


def _mode(host: "Host") -> Iterator[Check]:
    mode = required(text_of(host.config_mode), Why.UNPARSEABLE, "the mode of the agent configuration")

    def lets_others_write(text: str) -> str | Unknown:
        if _MODE.fullmatch(text) is None:
            return Unknown(Why.UNPARSEABLE, mode.at, f"the mode {shown(text)}")
        written = f"other users can write the agent configuration, whose mode is {text}"
        return written if int(text, 8) & 0o022 else ""

    return wrong(mode, lets_others_write)


def _writers(host: "Host") -> Iterator[Check]:
    for writer in each(host.config_writers):
        name = read_text(writer)
        if isinstance(name, Unknown):
            yield name
        else:
            yield Problem(writer.at, f"{shown(name)} can write the agent configuration")


def _settings(host: "Host", thresholds: Thresholds) -> Iterator[Check]:
    if isinstance(host.config, Unknown):
        yield host.config
        return
    yield from _denied(configured(host, "Mgs", "DeniedPortForwardingRemoteIPs"))
    for section in _ENDPOINTS:
        yield from _endpoint(section, configured(host, section, "Endpoint"), thresholds.agent_endpoints)
    yield from _container_mode(configured(host, "Agent", "ContainerMode"))
    yield from wrong(configured(host, "Identity", "CustomIdentities"), _identities)
    if thresholds.kms_challenge_required:
        yield from _challenge(configured(host, "Kms", "RequireKMSChallengeResponse"))


def configured(host: "Host", section: str, name: str) -> Value[Any]:
    """Return a setting of the agent's configuration; Absent where the agent's default holds."""
    found = chained(host.config, lambda config: config.value.get(section, config.at))
    return chained(found, lambda part: _member(part, name))


def _member(section: Known[Any], name: str) -> Value[Any]:
    if isinstance(section.value, Record):
        return section.value.get(name, section.at)
    return Unknown(Why.UNPARSEABLE, section.at, "a section of the agent configuration that is not an object")


def _denied(value: Value[Any]) -> Iterator[Check]:
    if isinstance(value, Absent):
        return
    # The agent takes a list: anything else refuses no address.
    addresses = value if isinstance(known_or(value, Items(())), Items) else Absent(value.at)
    found = [read_text(address) for address in each(addresses)]
    known = {text.casefold() for text in found if isinstance(text, str)}
    missing = [address for address in DENIED if address not in known]
    for gap in gaps(*found):
        yield gap
        return
    if missing:
        text = f"ports can be forwarded to {listed(missing, 'and')}, which DeniedPortForwardingRemoteIPs does not list"
        yield Problem(value.at, text)


def _endpoint(section: str, value: Value[Any], accepted: tuple[str, ...]) -> Iterator[Check]:
    def elsewhere(name: str) -> str:
        named = any(fnmatchcase(name.casefold(), pattern.casefold()) for pattern in accepted)
        own = named or _OF_AWS.fullmatch(name.casefold()) is not None
        return "" if own else f"{section}.Endpoint sends the agent's traffic to {shown(name)}"

    return wrong(text_of(setting(text_in(value, f"{section}.Endpoint, which is not a string"))), elsewhere)


def _switch(value: Value[Any], otherwise: str) -> Answer:
    """Return a switch, which is off where it is not set; what is neither true nor false cannot be read."""
    if isinstance(value, Known) and not isinstance(value.value, bool):
        return Unknown(Why.UNPARSEABLE, value.at, otherwise)
    return flag(value, absent=False)


def _container_mode(value: Value[Any]) -> Iterator[Check]:
    text = "ContainerMode is on, so the agent does not change users"
    return when(_switch(value, "ContainerMode, which is not a boolean"), text)


def _identities(content: object) -> str:
    if content == 0 or _is_empty(content):
        return ""
    what = "custom identity", "custom identities"
    identities = counted(content, *what) if isinstance(content, int) else what[1]
    return f"the agent has {identities}, so it can register as another node"


def _is_empty(content: object) -> bool:
    items, rest = getattr(content, "items", None), getattr(content, "rest", None)
    return items == () and rest is None


def _challenge(value: Value[Any]) -> Iterator[Check]:
    on = _switch(value, "RequireKMSChallengeResponse, which is not a boolean")
    text = "RequireKMSChallengeResponse is off, so a client can omit the random challenge from the encryption context"
    return unless(on, text, Severity.LOW)
