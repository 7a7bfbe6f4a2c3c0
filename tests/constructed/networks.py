"""Private subnets: how their nodes reach the services that sessions need, and what reaches the nodes."""

from dataclasses import dataclass
from enum import StrEnum

from tests.constructed.axes import never
from tests.constructed.covering import Design


class Way(StrEnum):
    """Where the default route leads."""

    NONE = "no way out"
    NAT = "NAT gateway"
    TRANSIT = "transit gateway"


class Table(StrEnum):
    """Which route table the subnet uses."""

    OWN = "route table of the subnet"
    MAIN = "route table made the main one"
    DEFAULT = "default route table"


class Routes(StrEnum):
    """How the default route is written."""

    INLINE = "route in the table"
    APART = "route apart"


class Endpoints(StrEnum):
    """The interface endpoints of Systems Manager."""

    NONE = "no interface endpoints"
    ALL = "every interface endpoint"
    LACKING = "no endpoint for messages"


class Names(StrEnum):
    """What leads the names of services to the endpoints."""

    PRIVATE_DNS = "private DNS"
    OFF = "no private DNS"
    ZONES = "zones of the network"
    ASSOCIATED = "zones associated with the network"
    ELSEWHERE = "zones of another network"


class Storage(StrEnum):
    """The endpoint of S3."""

    NONE = "no endpoint of S3"
    TABLE = "gateway endpoint in the table"
    ASSOCIATION = "gateway endpoint, associated with the table"
    OTHER = "gateway endpoint in another table"
    INTERFACE = "interface endpoint of S3"


class Service(StrEnum):
    """How the names of services are written."""

    LITERAL = "service names as literals"
    REGION = "service names with the Region's name"
    LOCAL = "service names with a local value"
    LOOKED_UP = "service names looked up"


class Groups(StrEnum):
    """Whom the endpoints admit."""

    NODES = "endpoints admit nodes"
    RANGE = "endpoints admit the network"
    WORLD = "endpoints admit the world"
    NOBODY = "endpoints admit nobody"
    UNSET = "endpoints without a group"


class Allowed(StrEnum):
    """The policy of the endpoints."""

    UNSET = "endpoint policy not set"
    BOUNDED = "endpoint policy for the account"


class Regions(StrEnum):
    """How the Region of the network is told."""

    ONE = "Region of the provider"
    ALIAS = "Region of an alias"
    ARGUMENT = "Region by argument"


class Port(StrEnum):
    """What is open on the node."""

    NONE = "nothing open"
    SSH = "port 22"
    TELNET = "port 23"
    SSH_AGAIN = "port 2222"
    SCREEN = "port 5903"
    NEXT = "port 5904"
    RANGE = "ports 3000 to 4000"
    HTTPS = "port 443"
    ALL = "all traffic"


class Source(StrEnum):
    """For whom it is open."""

    WORLD = "open to the world"
    WORLD_6 = "open to the world by IPv6"
    NETWORK = "open to the network"
    ITSELF = "open to the group itself"
    GROUP = "open to another group"


class Rule(StrEnum):
    """How the inbound rule is written."""

    INLINE = "rule in the group"
    APART = "rule apart"
    OLD = "rule apart, as aws_security_group_rule"


@dataclass(frozen=True, slots=True)
class Network:
    """One value of each axis."""

    way: Way
    table: Table
    routes: Routes
    endpoints: Endpoints
    names: Names
    storage: Storage
    service: Service
    groups: Groups
    allowed: Allowed
    regions: Regions
    port: Port
    source: Source
    inbound: Rule


ZONES = (Names.ZONES, Names.ASSOCIATED, Names.ELSEWHERE)

DESIGN = Design(
    Network,
    (
        never("no endpoints, no names of theirs", [Endpoints.NONE], (Names.OFF, *ZONES)),
        never("no rule, no source", [Port.NONE], set(Source) - {Source.WORLD}),
        never("no rule is written in one way", [Port.NONE], [Rule.APART, Rule.OLD]),
    ),
)
