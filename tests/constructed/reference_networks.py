"""The verdicts that follow from the network of a node."""

from collections.abc import Iterator

from tests.constructed.expecting import (
    FAILED,
    HARMLESS,
    NOT_PASSED,
    PASSED,
    UNDECIDED,
    UNSURE,
    Expected,
)
from tests.constructed.networks import Allowed, Endpoints, Groups, Names, Network, Port, Source, Storage, Way
from tests.constructed.places import HOME

NODE = "aws_instance.node"
_SHELLS = {Port.SSH, Port.TELNET, Port.SSH_AGAIN, Port.SCREEN, Port.RANGE}
_WORLD = {Source.WORLD, Source.WORLD_6}
_LEADING = {Names.PRIVATE_DNS, Names.ZONES, Names.ASSOCIATED}
"""What certainly leads the names of the services to the endpoints."""


def of_network(case: Network) -> Iterator[Expected]:
    """Yield the verdicts on the node, and on the endpoints."""
    severity = _exposed(case)
    yield Expected("NET-01", NODE, HOME, FAILED if severity else PASSED, severity, once=True)
    yield Expected("NET-02", NODE, HOME, PASSED, once=True)
    reached = _reached(case)
    yield Expected("NET-03", NODE, HOME, reached, once=True)
    yield Expected("PATH-01", NODE, HOME, _worked(case, reached), once=True)
    yield from _ends(case)


def _worked(case: Network, reached: frozenset[str]) -> frozenset[str]:
    """Return what is right about the whole path of a session."""
    has_ends = case.endpoints is not Endpoints.NONE or case.storage is not Storage.NONE
    return UNSURE if reached == PASSED and case.allowed is Allowed.BOUNDED and has_ends else reached


def _exposed(case: Network) -> str:
    """Return how bad the inbound rule is: a shell for the world most, and anything else for the network not at all."""
    if case.port is Port.NONE:
        return ""
    if case.port is Port.ALL and case.source in {Source.ITSELF, Source.GROUP}:
        return "low"
    if case.port in _SHELLS or case.port is Port.ALL:
        return "critical" if case.source in _WORLD else "high"
    return "medium" if case.source in _WORLD else ""


def _ends(case: Network) -> Iterator[Expected]:
    policy = PASSED if case.allowed is Allowed.BOUNDED else FAILED
    services = {Endpoints.NONE: (), Endpoints.LACKING: ("ssm",)}.get(case.endpoints, ("ssm", "ssmmessages"))
    for service in services:
        subject = f'aws_vpc_endpoint.main["{service}"]'
        yield Expected("NET-04", subject, HOME, _resolved(case), once=True)
        yield Expected("NET-05", subject, HOME, policy, once=True)
    if case.storage is not Storage.NONE:
        is_gateway = case.storage is not Storage.INTERFACE
        yield Expected("NET-04", "aws_vpc_endpoint.s3", HOME, HARMLESS if is_gateway else _admits(case), once=True)
        yield Expected("NET-05", "aws_vpc_endpoint.s3", HOME, policy, once=True)


def _admits(case: Network) -> frozenset[str]:
    match case.groups:
        case Groups.NODES | Groups.RANGE:
            return PASSED
        case Groups.WORLD | Groups.NOBODY:
            return FAILED
        case Groups.UNSET:
            return NOT_PASSED  # the network's default group, of which the code says nothing


def _resolved(case: Network) -> frozenset[str]:
    """Return what is right about an interface endpoint. A zone that is shared by a network elsewhere may lead to it."""
    admitted = _admits(case)
    if case.names in _LEADING or admitted == FAILED:
        return admitted
    return NOT_PASSED


def _reached(case: Network) -> frozenset[str]:
    """Return what is right about the services that sessions need: those of Systems Manager, and S3."""
    has_names = case.endpoints is not Endpoints.NONE
    is_used = (has_names and case.names in _LEADING) or case.storage is Storage.INTERFACE
    if is_used and case.groups is Groups.NOBODY:
        return FAILED
    # A zone of a network that is named by its ID may be of this one.
    may_be_used = is_used or (has_names and case.names is Names.ELSEWHERE)
    if may_be_used and case.groups in {Groups.NOBODY, Groups.UNSET}:
        return UNDECIDED if case.way is Way.NAT else NOT_PASSED
    if case.way is Way.NAT:
        return PASSED
    covered = (_covered(case), _stored(case))
    if covered == (PASSED, PASSED):
        return PASSED
    if case.way is Way.TRANSIT:
        return UNDECIDED
    # Where a zone of another network leads to endpoints, one may lead to those that are missing here.
    return FAILED if FAILED in covered and case.names in {Names.PRIVATE_DNS, Names.ZONES} else NOT_PASSED


def _covered(case: Network) -> frozenset[str]:
    """Return whether the names of Systems Manager lead to endpoints, where there is no way out."""
    if case.endpoints is Endpoints.ALL:
        return PASSED if case.names in _LEADING else NOT_PASSED
    return FAILED


def _stored(case: Network) -> frozenset[str]:
    return FAILED if case.storage in {Storage.NONE, Storage.OTHER} else PASSED
