"""Functions that calculate: with numbers, points in time that are given, and address ranges.

Fractions are added as decimals, as Terraform's large floats print them. The current time is known only after apply.
"""

import datetime as dt
import ipaddress
import math
import re
from decimal import Decimal
from typing import TypeAlias

from ssm_hardening.core.values import Datum, Known, Value
from ssm_hardening.read.code.functions.arguments import (
    MAX_ITEMS,
    Function,
    FunctionCall,
    answer,
    exactly,
    integer,
    number,
    refuse,
    sequence,
    text,
    unsupported,
    whole_number,
)
from ssm_hardening.read.code.values import Values

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_BASES = range(2, len(_DIGITS) + 1)
_WITH_CAPITALS = range(37, len(_DIGITS) + 1)
"""Bases in which `A` is another digit than `a`."""
_MAX_BITS = 500


def total(call: FunctionCall, args: Values) -> Value[Datum]:
    """Add the members of a list."""
    numbers = [number(call, item) for item in sequence(call, args[0])]
    if not numbers:
        refuse(call, "the list is empty")
    exact = sum(Decimal(repr(each)) for each in numbers)
    return answer(call, int(exact) if exact == int(exact) else float(exact))


def power(call: FunctionCall, args: Values) -> Value[Datum]:
    """Raise a number to a power, where the result is exact."""
    base, exponent = number(call, args[0]), number(call, args[1])
    if not isinstance(base, int) or not isinstance(exponent, int) or exponent < 0:
        unsupported(call, "fractions are not supported")
    if exponent * max(abs(base).bit_length(), 1) > _MAX_BITS or abs(base**exponent) > 2**53:
        unsupported(call, "the result is too large")
    return Known(base**exponent, call.at)


def logarithm(call: FunctionCall, args: Values) -> Value[Datum]:
    """Return a logarithm, where it is a whole number."""
    value, base = number(call, args[0]), number(call, args[1])
    if value <= 0 or base <= 0 or base == 1:
        unsupported(call)
    near = round(math.log(value) / math.log(base))
    if abs(near) > _MAX_BITS or base**near != value or math.log(value) / math.log(base) != near:
        unsupported(call, "fractions are not supported")
    return Known(near, call.at)


def parse_integer(call: FunctionCall, args: Values) -> Value[Datum]:
    """Read a whole number in a base from 2 to 62."""
    literal, base = text(call, args[0]), integer(call, args[1])
    digits = literal.removeprefix("-" if literal.startswith("-") else "+")
    if base not in _BASES or not digits:
        refuse(call, "not a valid number in this base")
    if len(digits) > _MAX_BITS // 6:
        unsupported(call, "the result is too large")
    found = 0
    for digit in digits if base in _WITH_CAPITALS else digits.lower():
        place = _DIGITS.find(digit)
        found = found * base + place if 0 <= place < base else refuse(call, "not a valid number in this base")
    return Known(-found if literal.startswith("-") else found, call.at)


def _sign(value: float) -> int:
    return (value > 0) - (value < 0)


def _least(*values: float) -> float:
    return min(values)


def _greatest(*values: float) -> float:
    return max(values)


def _ceil(value: float) -> float | None:
    return whole_number(math.ceil(value))


def _floor(value: float) -> float | None:
    return whole_number(math.floor(value))


def count_up(call: FunctionCall, args: Values) -> Value[Datum]:
    """Return the numbers from a start up to a limit."""
    numbers = [number(call, arg) for arg in args]
    start, limit, *given = numbers if len(numbers) > 1 else (0, *numbers)
    step = given[0] if given else (1 if limit >= start else -1)
    if not all(isinstance(each, int) for each in (start, limit, step)):
        unsupported(call, "fractions are not supported")
    if not step or (limit - start) * step < 0:
        refuse(call, "the step moves away from the limit")
    if abs(limit - start) / abs(step) > MAX_ITEMS:
        unsupported(call, "the result is too large")
    return answer(call, list(range(int(start), int(limit), int(step))))


# Points in time

_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d)\Z", re.ASCII)
_DURATION = re.compile(r"[-+]?(?:\d+(?:h|m|s))+\Z", re.ASCII)
_LONGEST_DURATION = 30
"""Characters; more lead beyond any calendar."""
_SECONDS = {"h": 3600, "m": 60, "s": 1}


def _time(call: FunctionCall, value: Value[Datum]) -> dt.datetime:
    """Read a point in time of whole seconds."""
    literal = text(call, value)
    if not _TIMESTAMP.match(literal):
        unsupported(call)
    try:
        return dt.datetime.fromisoformat(literal)
    except ValueError as error:
        refuse(call, str(error))


def _duration(call: FunctionCall, value: Value[Datum]) -> dt.timedelta:
    """Read a duration of whole hours, minutes and seconds (`-1h30m`)."""
    literal = text(call, value)
    if not _DURATION.match(literal) or len(literal) > _LONGEST_DURATION:
        unsupported(call)
    seconds = sum(int(count) * _SECONDS[unit] for count, unit in re.findall(r"(\d+)(h|m|s)", literal))
    try:
        return dt.timedelta(seconds=-seconds if literal.startswith("-") else seconds)
    except OverflowError:
        unsupported(call, "the result is too large")


def _written(moment: dt.datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _added(moment: dt.datetime, duration: dt.timedelta) -> str:
    try:
        return _written(moment + duration)
    except OverflowError:
        raise ValueError("the date is out of range") from None


def _compared(one: dt.datetime, other: dt.datetime) -> int:
    return (one > other) - (one < other)


# Address ranges

_IPV4 = 4
Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network


def _network(call: FunctionCall, value: Value[Datum]) -> Network:
    """Read a range; host bits are ignored. Zeros in front of IPv4 numbers are read in a way of Terraform's own."""
    literal = text(call, value)
    if re.search(r"(?:^|\.)0\d", literal) or "%" in literal:
        unsupported(call)
    if not re.search(r"/\d{1,3}\Z", literal):
        refuse(call, "expected an IP range in CIDR notation")
    try:
        return ipaddress.ip_network(literal, strict=False)
    except ValueError as error:
        refuse(call, str(error))


def _host(network: Network, number: int) -> str:
    address = number if number >= 0 else network.num_addresses + number
    if not 0 <= address < network.num_addresses:
        raise ValueError("the IP range is too small for this host")
    return str(network.network_address + address)


def _mask(network: Network) -> str:
    if network.version != _IPV4:
        raise ValueError("only IPv4 ranges have a netmask")
    return str(network.netmask)


def _subnet(network: Network, bits: int, number: int) -> str:
    length = network.prefixlen + bits
    if bits < 0 or length > network.max_prefixlen or not 0 <= number < 2**bits:
        raise ValueError("the IP range is too small for this subnet")
    start = int(network.network_address) + (number << (network.max_prefixlen - length))
    return str(type(network)((start, length)))


def _subnets(network: Network, *bits: int) -> list[str]:
    """Return subnets that follow one another, each aligned to its own size."""
    if len(bits) > MAX_ITEMS:
        raise ValueError("there are too many subnets")
    position, found = int(network.network_address), []
    for each in bits:
        length = network.prefixlen + each
        if each < 1 or length > network.max_prefixlen:
            raise ValueError("the IP range is too small for these subnets")
        size = 2 ** (network.max_prefixlen - length)
        position = -(-position // size) * size
        if position + size > int(network.network_address) + network.num_addresses:
            raise ValueError("the IP range is too small for these subnets")
        found.append(str(type(network)((position, length))))
        position += size
    return found


FUNCTIONS: dict[str, Function] = {
    "abs": exactly(abs, number),
    "ceil": exactly(_ceil, number),
    "cidrhost": exactly(_host, _network, integer),
    "cidrnetmask": exactly(_mask, _network),
    "cidrsubnet": exactly(_subnet, _network, integer, integer),
    "cidrsubnets": exactly(_subnets, _network, integer, least=1, most=None),
    "floor": exactly(_floor, number),
    "log": Function(logarithm, 2, 2),
    "max": exactly(_greatest, number, most=None),
    "min": exactly(_least, number, most=None),
    "parseint": Function(parse_integer, 2, 2),
    "pow": Function(power, 2, 2),
    "range": Function(count_up, 1, 3),
    "signum": exactly(_sign, number),
    "sum": Function(total, 1, 1),
    "timeadd": exactly(_added, _time, _duration),
    "timecmp": exactly(_compared, _time, _time),
}
