"""`amazon-ssm-agent.json` as data: the settings that the agent knows, by the names it gives them, and nothing else."""

from collections.abc import Iterator, Mapping
from typing import Any

from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Absent, Datum, Items, Known, Record, Unknown, Value, Why
from ssm_hardening.read.hosts.evidence import object_of, visible

_SETTINGS = {
    "Profile": "ShareCreds ShareProfile ForceUpdateCreds KeyAutoRotateDays",
    "Mds": "CommandWorkersLimit CommandWorkerBufferLimit StopTimeoutMillis Endpoint CommandRetryLimit",
    "Ssm": "Endpoint HealthFrequencyMinutes AssociationFrequencyMinutes AssociationRetryLimit "
    "AssociationLogsRetentionDurationHours RunCommandLogsRetentionDurationHours SessionLogsRetentionDurationHours "
    "SessionHandshakeTimeoutSeconds SessionLogsDestination PluginLocalOutputCleanup OrchestrationDirectoryCleanup "
    "CustomInventoryDefaultLocation CredentialRetryMaxSleepSeconds",
    "Mgs": "Region Endpoint StopTimeoutMillis SessionWorkersLimit DeniedPortForwardingRemoteIPs",
    "Agent": "Name Region Version OrchestrationRootDir ContainerMode SelfUpdate SelfUpdateScheduleDay "
    "TelemetryMetricsToCloudWatch TelemetryMetricsToSSM TelemetryMetricsNamespace AuditExpirationDay "
    "LongRunningWorkerMonitorIntervalSeconds ForceFileIPC GoMaxProcForAgentWorker UseDualStackEndpoint "
    "EnforceWorkspaceRootOwnership",
    "Os": "Lang Name Version",
    "S3": "Endpoint Region LogBucket LogKey LogLevel",
    "Kms": "Endpoint RequireKMSChallengeResponse",
    "Identity": "ConsumptionOrder CustomIdentities",
    "Birdwatcher": "ForceEnable",
    "Crypto": "",
}
_PRIVATE = "CustomIdentities"
"""Of these only how many there are: what they hold may be credentials."""

_LONGEST = 1024
_MOST = 100


def read_config(text: str, at: Origin) -> Value[Record]:
    """Return the settings in the text of the file.

    The agent takes names in any case (Go's encoding/json does); they come back as its documentation writes them.
    Unknown where the file is not JSON, says something twice, or is no object.
    """
    try:
        found = object_of(text)
        if not isinstance(found, dict):
            return Unknown(Why.UNPARSEABLE, at, "amazon-ssm-agent.json is not an object")
        return Known(Record(dict(_sections(_named(found, _SETTINGS), at))), at)
    except ValueError as error:
        return Unknown(Why.UNPARSEABLE, at, f"amazon-ssm-agent.json {visible(str(error))}")


def _named(data: Mapping[str, Any], names: Mapping[str, object]) -> dict[str, Any]:
    """Return the members that are called so, in any case. Raises ValueError where one is there twice."""
    folded = {name.casefold(): name for name in names}
    known = [(folded[key.casefold()], value) for key, value in data.items() if key.casefold() in folded]
    found = dict(known)
    if len(found) < len(known):
        raise ValueError("has the same setting more than once, in different letter cases")
    return found


def _sections(data: Mapping[str, Any], at: Origin) -> Iterator[tuple[str, Value[Datum]]]:
    for name, section in data.items():
        yield name, _section(name, section, at)


def _section(name: str, section: object, at: Origin) -> Value[Datum]:
    match section:
        case None:
            return Absent(at)
        case dict():
            known = dict.fromkeys(_SETTINGS[name].split())
            return Known(Record({key: _setting(key, value, at) for key, value in _named(section, known).items()}), at)
        case _:
            return _refused(name, at)


def _setting(key: str, value: object, at: Origin) -> Value[Datum]:
    match value:
        case None:
            return Absent(at)
        case list():
            rest = None if len(value) <= _MOST else _refused(key, at)
            return Known(Items(tuple(_entry(key, each, at) for each in value[:_MOST]), rest), at)
        case _:
            return _plain(key, value, at)


def _entry(key: str, value: object, at: Origin) -> Value[Datum]:
    return Known(Record({}), at) if key == _PRIVATE else _plain(key, value, at)


def _plain(key: str, value: object, at: Origin) -> Value[Datum]:
    match value:
        case bool():
            return Known(value, at)
        case int() if abs(value) < 1 << 63:
            return Known(value, at)
        case str() if len(value) <= _LONGEST:
            return Known(visible(value), at)
        case _:
            return _refused(key, at)


def _refused(name: str, at: Origin) -> Unknown:
    return Unknown(Why.UNPARSEABLE, at, f"amazon-ssm-agent.json: {name} is not valid for the agent")
