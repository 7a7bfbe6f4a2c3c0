"""Functions on address ranges."""

import ipaddress
import re
from typing import TypeAlias

from ssm_hardening.core.values import Value
from ssm_hardening.read.code.functions.arguments import (
    MAX_ITEMS,
    Call,
    Function,
    exactly,
    integer,
    refuse,
    text,
    unsupported,
)

Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network


def _network(call: Call, value: Value[str]) -> Network:
    """Read a range; host bits are ignored. Zeros in front of IPv4 numbers are read in a way of Terraform's own."""
    literal = text(call, value)
    if re.search(r"(?:^|\.)0\d", literal) or "%" in literal:
        unsupported(call)
    if not re.search(r"/\d{1,3}\Z", literal):
        refuse(call, "not an address range in CIDR notation")
    try:
        return ipaddress.ip_network(literal, strict=False)
    except ValueError as error:
        refuse(call, str(error))


def _host(network: Network, number: int) -> str:
    address = number if number >= 0 else network.num_addresses + number
    if not 0 <= address < network.num_addresses:
        raise ValueError("the range is too small for this host")
    return str(network.network_address + address)


def _mask(network: Network) -> str:
    if network.version != 4:  # noqa: PLR2004 (IPv4)
        raise ValueError("only IPv4 has masks")
    return str(network.netmask)


def _subnet(network: Network, bits: int, number: int) -> str:
    length = network.prefixlen + bits
    if bits < 0 or length > network.max_prefixlen or not 0 <= number < 2**bits:
        raise ValueError("the range is too small for this subnet")
    start = int(network.network_address) + (number << (network.max_prefixlen - length))
    return str(type(network)((start, length)))


def _subnets(network: Network, *bits: int) -> list[str]:
    """Return subnets that follow one another, each aligned to its own size."""
    if len(bits) > MAX_ITEMS:
        raise ValueError("too many subnets")
    position, found = int(network.network_address), []
    for each in bits:
        length = network.prefixlen + each
        if each < 1 or length > network.max_prefixlen:
            raise ValueError("the range is too small for these subnets")
        size = 2 ** (network.max_prefixlen - length)
        position = -(-position // size) * size
        if position + size > int(network.network_address) + network.num_addresses:
            raise ValueError("the range is too small for these subnets")
        found.append(str(type(network)((position, length))))
        position += size
    return found


FUNCTIONS: dict[str, Function] = {
    "cidrhost": exactly(_host, _network, integer),
    "cidrnetmask": exactly(_mask, _network),
    "cidrsubnet": exactly(_subnet, _network, integer, integer),
    "cidrsubnets": exactly(_subnets, _network, integer, least=1, most=None),
}
