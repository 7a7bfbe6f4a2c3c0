"""Which sessions a log group holds a stream of, by listing streams alone."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from ssm_hardening.origins import ApiOrigin
from ssm_hardening.sources.aws import calls
from ssm_hardening.sources.aws.asking import Answer, Answered, Caller, Data, Missing
from ssm_hardening.values import Absent, Known, Unknown, Value, Why

_GONE = ("ResourceNotFoundException",)
_PAGE = 50
_FEW = 20
"""How many streams are asked for by name, and how many pages more than the sessions need are read."""


def recorded_streams(caller: Caller, group: str, since: Mapping[str, int]) -> Mapping[str, Value[Any]]:
    """Return the stream of each session; Absent where the group holds none.

    `since` says when each session began, in milliseconds since 1970. Many sessions are sought in pages of fifty, from
    the latest stream back to the time of the first session; what is left is asked for by name, as far as it is few.
    """
    arn = caller.who.arn("logs", f"log-group:{group}")
    at = ApiOrigin(arn, str(calls.DESCRIBE_LOG_STREAMS))
    found: set[str] = set()
    left: Absent | Unknown = Unknown(Why.OUT_OF_SCOPE, at, f"{at.call}: the log group has too many streams to list")
    if len(since) > _FEW:
        found, left = _by_time(caller, arn, group, since)
    told: dict[str, Value[Any]] = {id_: Known(id_, at) if id_ in found else left for id_ in since}
    missing = [id_ for id_ in since if id_ not in found][:_FEW]
    told.update(zip(missing, caller.each(partial(_by_name, caller, arn, group), missing), strict=True))
    return told


def _by_name(caller: Caller, arn: str, group: str, id_: str) -> Value[Any]:
    """Ask for one stream: AWS lists those that begin with the name, sorted, so that the stream itself is the first."""
    parameters = {"logGroupName": group, "logStreamNamePrefix": id_, "limit": 1}
    match _asked(caller, arn, parameters):
        case Answered(data, at):
            return Known(id_, at) if id_ in _names(data) else Absent(at)
        case Missing(at):
            return Absent(at)
        case Unknown() as gap:
            return gap


def _by_time(caller: Caller, arn: str, group: str, since: Mapping[str, int]) -> tuple[set[str], Absent | Unknown]:
    """Return the sessions with a stream, and what holds for the others: Absent where the pages went far enough back."""
    at = ApiOrigin(arn, str(calls.DESCRIBE_LOG_STREAMS))
    first = min(since.values())
    found: set[str] = set()
    token: dict[str, str] = {}
    for _ in range(len(since) // _PAGE + _FEW):
        parameters = {"logGroupName": group, "orderBy": "LastEventTime", "descending": True, "limit": _PAGE, **token}
        match _asked(caller, arn, parameters):
            case Answered(data):
                found.update(name for name in _names(data) if name in since)
                token = {"nextToken": str(data["nextToken"])} if data.get("nextToken") else {}
                if not token or len(found) == len(since) or any(last < first for last in _times(data)):
                    return found, Absent(at)
            case Missing():
                return found, Absent(at)
            case Unknown() as gap:
                return found, gap
    return found, Unknown(Why.OUT_OF_SCOPE, at, f"{at.call}: the log group has too many streams to list")


def _asked(caller: Caller, arn: str, parameters: Data) -> Answer:
    answer = caller.ask(calls.DESCRIBE_LOG_STREAMS, arn, parameters, missing=_GONE)
    if isinstance(answer, Answered) and not isinstance(answer.data.get("logStreams"), list):
        return Unknown(Why.UNPARSEABLE, answer.at, f"{answer.at.call}: the answer lists no streams")
    return answer


def _names(data: Data) -> list[str]:
    return [str(each.get("logStreamName")) for each in data["logStreams"]]


def _times(data: Data) -> Iterator[int]:
    """Yield when the last event of each stream was; a stream that has none yet says nothing."""
    for each in data["logStreams"]:
        last = each.get("lastEventTimestamp")
        if isinstance(last, int):
            yield last
