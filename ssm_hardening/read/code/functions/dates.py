"""Functions on points in time that are given; the current time is known only after apply."""

import datetime as dt
import re

from ssm_hardening.core.values import Value
from ssm_hardening.read.code.functions.arguments import Call, Function, exactly, refuse, text, unsupported

_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d)\Z", re.ASCII)
_DURATION = re.compile(r"[-+]?(?:\d+(?:h|m|s))+\Z", re.ASCII)
_SECONDS = {"h": 3600, "m": 60, "s": 1}


def _time(call: Call, value: Value[str]) -> dt.datetime:
    """Read a point in time of whole seconds."""
    literal = text(call, value)
    if not _TIMESTAMP.match(literal):
        unsupported(call)
    try:
        return dt.datetime.fromisoformat(literal)
    except ValueError as error:
        refuse(call, str(error))


def _duration(call: Call, value: Value[str]) -> dt.timedelta:
    """Read a duration of whole hours, minutes and seconds (`-1h30m`)."""
    literal = text(call, value)
    if not _DURATION.match(literal) or len(literal) > 30:  # noqa: PLR2004 (beyond any calendar)
        unsupported(call)
    seconds = sum(int(count) * _SECONDS[unit] for count, unit in re.findall(r"(\d+)(h|m|s)", literal))
    try:
        return dt.timedelta(seconds=-seconds if literal.startswith("-") else seconds)
    except OverflowError:
        unsupported(call, "too large")


def _written(moment: dt.datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _added(moment: dt.datetime, duration: dt.timedelta) -> str:
    try:
        return _written(moment + duration)
    except OverflowError:
        raise ValueError("beyond the calendar") from None


def _compared(one: dt.datetime, other: dt.datetime) -> int:
    return (one > other) - (one < other)


FUNCTIONS: dict[str, Function] = {
    "timeadd": exactly(_added, _time, _duration),
    "timecmp": exactly(_compared, _time, _time),
}
