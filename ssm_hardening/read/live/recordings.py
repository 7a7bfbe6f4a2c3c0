"""Which sessions are recorded: where the recordings of a document go, and what buckets and log groups hold of them."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from ssm_hardening.core.logic import certainly, chained, known_or
from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Absent, Inventory, Known, Text, Unknown, Value, Why
from ssm_hardening.model import PREFERENCES_NAME, SessionDocument
from ssm_hardening.read.live import calls
from ssm_hardening.read.live.asking import Answered, AwsApi, Data, Missing, Reply
from ssm_hardening.read.live.relations import can_be_bucket, literal

_AWS_OWN = re.compile(r"^(?:aws|amazon|amzn)", re.IGNORECASE)
"""How the names of documents begin that only AWS may make."""

_TUNNELS = re.compile(r"^AWS-Start(?:SSHSession|PortForwarding)")


@dataclass(frozen=True, slots=True)
class RecordingFolder:
    """A place in a bucket; `prefix` ends with a slash, or is empty for the bucket's root."""

    bucket: str
    prefix: str

    def key(self, session: str) -> str:
        """Return the key of a session's recording, as the agent writes it."""
        return f"{self.prefix}{session}.log"


@dataclass(frozen=True, slots=True)
class Stores:
    """Where a session should be recorded; Absent where its document names no such store."""

    folder: Value[RecordingFolder]
    group: Value[str]


def stores_of(document: Value[Text], documents: Inventory[SessionDocument]) -> Stores:
    """Return the stores of a session by the document that the history names; without one the preferences applied.

    So they may where AWS's own documents run; what is found in their stores is recorded in any case. A tunnel has none.
    """
    match document:
        case Known(name, at):
            return _by_name(str(name), at, documents)
        case Absent(at):
            return _of_preferences(at, documents)
        case Unknown() as gap:
            return Stores(gap, gap)


def _by_name(name: str, at: Origin, documents: Inventory[SessionDocument]) -> Stores:
    """Look a document up by its name, or by its ARN: another account's may have the same name."""
    own = _find(name, documents)
    if own is not None:
        return _of_document(own)
    short = name.rpartition(":document/")[2]
    if _TUNNELS.match(short):
        return Stores(Absent(at), Absent(at))
    if _AWS_OWN.match(short) or name == PREFERENCES_NAME:
        return _of_preferences(at, documents)
    gone = Unknown(Why.OUT_OF_SCOPE, at, f"{name} is not a session document of this account today")
    gap = gone if documents.gap is None else documents.gap
    return Stores(gap, gap)


def _find(name: str, documents: Inventory[SessionDocument]) -> SessionDocument | None:
    return next((each for each in documents if name in {each.address, known_or(each.name, None)}), None)


def _of_preferences(at: Origin, documents: Inventory[SessionDocument]) -> Stores:
    found = _find(PREFERENCES_NAME, documents)
    if found is not None:
        return _of_document(found)
    nothing = Absent(at) if documents.gap is None else documents.gap
    return Stores(nothing, nothing)


def _of_document(document: SessionDocument) -> Stores:
    kind = document.session_type
    if certainly(kind, lambda told: told == "Port"):
        return Stores(Absent(kind.at), Absent(kind.at))
    folder = chained(literal(document.s3_bucket), lambda bucket: _in_bucket(bucket, literal(document.s3_key_prefix)))
    return Stores(folder, literal(document.cloudwatch_log_group))


def _in_bucket(bucket: Known[str], prefix: Value[str]) -> Value[RecordingFolder]:
    if isinstance(prefix, Unknown):
        return prefix
    start = f"{prefix.value.strip('/')}/" if isinstance(prefix, Known) else ""
    return Known(RecordingFolder(bucket.value, start), bucket.at)


_GONE = ("NoSuchBucket", "404")
_PAGE = 1000
_FEW = 50
_SESSIONS_A_CALL = 20


def recorded_objects(aws: AwsApi, folder: RecordingFolder, ids: Iterable[str]) -> Mapping[str, Value[Text]]:
    """Return the key of each session's recording; Absent where the bucket holds none.

    The keys are sought in their order: each page settles all that lie within it, and the next one begins at the first
    that is left. So the calls grow with the sessions, not with the age of the bucket; beyond one for every twenty
    sessions (and fifty) the rest cannot be told.
    """
    arn = aws.who.arn("s3", folder.bucket, region=False, account=False)
    at = calls.LIST_OBJECTS.at(arn)
    by_key = {folder.key(id_): id_ for id_ in ids}
    keys = sorted(by_key)
    if not can_be_bucket(folder.bucket):
        return {id_: Absent(at) for id_ in by_key.values()}
    found, settled, rest = _sought(aws, arn, folder, keys)
    told = {key: Known(key, at) if key in found else Absent(at) for key in keys[:settled]}
    return {id_: told.get(key, rest) for key, id_ in by_key.items()}


def _sought(aws: AwsApi, arn: str, folder: RecordingFolder, keys: list[str]) -> tuple[set[str], int, Absent | Unknown]:
    """Return the keys that are there, how many of `keys` are settled, and what holds for the others."""
    at = calls.LIST_OBJECTS.at(arn)
    found: set[str] = set()
    settled = 0
    for _ in range(len(keys) // _SESSIONS_A_CALL + _FEW):
        if settled >= len(keys):
            return found, settled, Absent(at)
        match _page(aws, arn, folder, keys[settled]):
            case Answered(data):
                names = [str(each.get("Key")) for each in data.get("Contents") or ()]
                found.update(names)
                settled = bisect_right(keys, names[-1]) if data.get("IsTruncated") and names else len(keys)
            case Missing():
                return found, settled, Absent(at)
            case Unknown() as gap:
                return found, settled, gap
    if settled >= len(keys):
        return found, settled, Absent(at)
    return found, settled, Unknown(Why.OUT_OF_SCOPE, at, f"{at.call}: the bucket has too many objects to list")


def _page(aws: AwsApi, arn: str, folder: RecordingFolder, key: str) -> Answered | Missing | Unknown:
    """Return the keys from `key` on, itself included: S3 starts after a key, so just before this one."""
    parameters: Data = {"Bucket": folder.bucket, "Prefix": folder.prefix, "StartAfter": key[:-1], "MaxKeys": _PAGE}
    answer = aws.ask(calls.LIST_OBJECTS, arn, parameters, missing=_GONE)
    if isinstance(answer, Answered) and "IsTruncated" not in answer.data:
        return Unknown(
            Why.UNPARSEABLE, answer.at, f"{answer.at.call}: the response does not say whether it is complete"
        )
    return answer


_NO_GROUP = ("ResourceNotFoundException",)
_STREAMS_A_PAGE = 50
_FEW_STREAMS = 20
"""How many streams are asked for by name, and how many pages more than the sessions need are read."""


def recorded_streams(aws: AwsApi, group: str, since: Mapping[str, int]) -> Mapping[str, Value[Text]]:
    """Return the stream of each session; Absent where the group holds none.

    `since` says when each session began, in milliseconds since 1970. Many sessions are sought in pages of fifty, from
    the latest stream back to the time of the first session; what is left is asked for by name, as far as it is few.
    """
    arn = aws.who.arn("logs", f"log-group:{group}")
    at = calls.DESCRIBE_LOG_STREAMS.at(arn)
    found: set[str] = set()
    left: Absent | Unknown = Unknown(Why.OUT_OF_SCOPE, at, f"{at.call}: the log group has too many log streams to list")
    if len(since) > _FEW_STREAMS:
        found, left = _by_time(aws, arn, group, since)
    told: dict[str, Value[Text]] = {id_: Known(id_, at) if id_ in found else left for id_ in since}
    missing = [id_ for id_ in since if id_ not in found][:_FEW_STREAMS]
    told.update(zip(missing, aws.each(partial(_streams_by_name, aws, arn, group), missing), strict=True))
    return told


def _streams_by_name(aws: AwsApi, arn: str, group: str, id_: str) -> Value[Text]:
    """Ask for one stream: AWS lists those that begin with the name, sorted, so that the stream itself is the first."""
    parameters = {"logGroupName": group, "logStreamNamePrefix": id_, "limit": 1}
    match _asked(aws, arn, parameters):
        case Answered(data, at):
            return Known(id_, at) if id_ in _names(data) else Absent(at)
        case Missing(at):
            return Absent(at)
        case Unknown() as gap:
            return gap


def _by_time(aws: AwsApi, arn: str, group: str, since: Mapping[str, int]) -> tuple[set[str], Absent | Unknown]:
    """Return the sessions with a stream, and what holds for the others: Absent where the pages went far enough back."""
    at = calls.DESCRIBE_LOG_STREAMS.at(arn)
    first = min(since.values())
    found: set[str] = set()
    token: dict[str, str] = {}
    for _ in range(len(since) // _STREAMS_A_PAGE + _FEW_STREAMS):
        parameters = {
            "logGroupName": group,
            "orderBy": "LastEventTime",
            "descending": True,
            "limit": _STREAMS_A_PAGE,
            **token,
        }
        match _asked(aws, arn, parameters):
            case Answered(data):
                found.update(name for name in _names(data) if name in since)
                token = {"nextToken": str(data["nextToken"])} if data.get("nextToken") else {}
                if not token or len(found) == len(since) or any(last < first for last in _times(data)):
                    return found, Absent(at)
            case Missing():
                return found, Absent(at)
            case Unknown() as gap:
                return found, gap
    return found, Unknown(Why.OUT_OF_SCOPE, at, f"{at.call}: the log group has too many log streams to list")


def _asked(aws: AwsApi, arn: str, parameters: Data) -> Reply:
    answer = aws.ask(calls.DESCRIBE_LOG_STREAMS, arn, parameters, missing=_NO_GROUP)
    if isinstance(answer, Answered) and not isinstance(answer.data.get("logStreams"), list):
        return Unknown(Why.UNPARSEABLE, answer.at, f"{answer.at.call}: the response lists no log streams")
    return answer


def _names(data: Data) -> list[str]:
    return [str(each.get("logStreamName")) for each in data["logStreams"]]


def _times(data: Data) -> Iterator[int]:
    """Yield when the last event of each stream was; a stream that has none yet says nothing."""
    for each in data["logStreams"]:
        last = each.get("lastEventTimestamp")
        if isinstance(last, int):
            yield last
