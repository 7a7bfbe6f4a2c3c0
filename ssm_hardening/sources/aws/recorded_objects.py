"""Which sessions a bucket holds a recording of, by listing keys alone."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from typing import Any

from ssm_hardening.origins import ApiOrigin
from ssm_hardening.sources.aws import calls
from ssm_hardening.sources.aws.asking import Answered, Caller, Data, Missing
from ssm_hardening.sources.aws.destinations import can_be_bucket
from ssm_hardening.sources.aws.session_stores import Folder
from ssm_hardening.values import Absent, Known, Unknown, Value, Why

_GONE = ("NoSuchBucket", "404")
_PAGE = 1000
_FEW = 50
_SESSIONS_A_CALL = 20


def recorded_objects(caller: Caller, folder: Folder, ids: Iterable[str]) -> Mapping[str, Value[Any]]:
    """Return the key of each session's recording; Absent where the bucket holds none.

    The keys are sought in their order: each page settles all that lie within it, and the next one begins at the first
    that is left. So the calls grow with the sessions, not with the age of the bucket; beyond one for every twenty
    sessions (and fifty) the rest cannot be told.
    """
    arn = caller.who.arn("s3", folder.bucket, region=False, account=False)
    at = ApiOrigin(arn, str(calls.LIST_OBJECTS))
    by_key = {folder.key(id_): id_ for id_ in ids}
    keys = sorted(by_key)
    if not can_be_bucket(folder.bucket):
        return {id_: Absent(at) for id_ in by_key.values()}
    found, settled, rest = _sought(caller, arn, folder, keys)
    told = {key: Known(key, at) if key in found else Absent(at) for key in keys[:settled]}
    return {id_: told.get(key, rest) for key, id_ in by_key.items()}


def _sought(caller: Caller, arn: str, folder: Folder, keys: list[str]) -> tuple[set[str], int, Absent | Unknown]:
    """Return the keys that are there, how many of `keys` are settled, and what holds for the others."""
    at = ApiOrigin(arn, str(calls.LIST_OBJECTS))
    found: set[str] = set()
    settled = 0
    for _ in range(len(keys) // _SESSIONS_A_CALL + _FEW):
        if settled >= len(keys):
            return found, settled, Absent(at)
        match _page(caller, arn, folder, keys[settled]):
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
    return found, settled, Unknown(Why.OUT_OF_SCOPE, at, f"{at.call}: the bucket holds too many keys to list")


def _page(caller: Caller, arn: str, folder: Folder, key: str) -> Answered | Missing | Unknown:
    """Return the keys from `key` on, itself included: S3 starts after a key, so just before this one."""
    parameters: Data = {"Bucket": folder.bucket, "Prefix": folder.prefix, "StartAfter": key[:-1], "MaxKeys": _PAGE}
    answer = caller.ask(calls.LIST_OBJECTS, arn, parameters, missing=_GONE)
    if isinstance(answer, Answered) and "IsTruncated" not in answer.data:
        return Unknown(Why.UNPARSEABLE, answer.at, f"{answer.at.call}: the answer does not say whether it is all")
    return answer
