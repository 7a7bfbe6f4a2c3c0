"""IP addresses that a node spoke to."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

_PRIVATE = tuple(
    ip_network(each)
    for each in (
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "100.64.0.0/10",
        "169.254.0.0/16",
        "127.0.0.0/8",
        "fc00::/7",
        "fe80::/10",
        "::1/128",
    )
)
"""What no packet reaches over the internet, shared address space (which VPCs may use) and the node itself included."""


def address(text: str) -> IPv4Address | IPv6Address | None:
    """Return the address; the IPv4 one of a mapped one (`::ffff:10.0.0.1`). None where the text is none."""
    try:
        found = ip_address(text.removeprefix("[").removesuffix("]"))
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return found if mapped is None else mapped


def is_private(found: IPv4Address | IPv6Address) -> bool:
    """Say whether the address is one that the internet does not carry packets to."""
    return any(found.version == network.version and found in network for network in _PRIVATE)
