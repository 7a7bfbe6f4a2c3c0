"""NET-02 and NET-03 from inside a node: whom its agent really talks to."""

from collections.abc import Iterator
from ipaddress import ip_address

from ssm_hardening.access.endpoints import endpoints_for
from ssm_hardening.access.reach import subnet_of
from ssm_hardening.core.logic import each, is_yes
from ssm_hardening.core.values import Absent, Known, Unknown, Why
from ssm_hardening.model import Account, Connection, Host, ResolvedName
from ssm_hardening.rules.hosts.inside import known_texts, read_text
from ssm_hardening.rules.kit.checks import Check, Problem, conclude, gaps, headed, required, shown, unless
from ssm_hardening.rules.registry import Context
from ssm_hardening.verdicts.findings import Passed, Severity, Verdict

_HTTPS = 443
_SERVICES = ("ssm", "ssmmessages")
_WORKER = "ssm-session-wor"
"""What the kernel keeps of the name of the process that serves one session, and its tunnels."""
_SHOWN = 6
_TUNNEL = "A session may tunnel to another address"


def outbound_inside(host: Host, context: Context) -> Verdict:
    """Check where the agent's established connections lead: all of them to port 443."""
    leaving = [each for each in host.connections if not _stays(each)]
    checks: list[Check] = [check for each in leaving for check in _leads(each)]
    if host.connections.gap is not None:
        checks.append(host.connections.gap)
    elif not leaving:
        checks.append(
            Unknown(
                Why.UNAVAILABLE,
                host.origin,
                "which services the agent is connected to: no established connection was found",
            )
        )
    seen = _seen(leaving, host, context.account)
    passed = Passed(host.origin, f"the agent connects only to port 443: {seen}")
    return conclude(host.origin, checks, passed=passed, undecided="where the agent connects to is unknown")


def _stays(connection: Connection) -> bool:
    """Say whether a connection surely stays on the node or its link: the agent asks the metadata service on port 80."""
    peer = read_text(connection.peer)
    try:
        found = None if isinstance(peer, Unknown) else ip_address(peer)
    except ValueError:
        return False
    return found is not None and (found.is_loopback or found.is_link_local or str(found) == "fd00:ec2::254")


def _leads(connection: Connection) -> Iterator[Check]:
    peer = read_text(connection.peer)
    match connection.port:
        case Known(443):
            yield from gaps(peer)
        case Known() if isinstance(peer, Unknown):
            yield peer
        case Known(port, at):
            yield _elsewhere(connection, Known(f"{peer} port {port}", at))
        case Absent(at):
            yield Unknown(Why.UNAVAILABLE, at, "a port, which the evidence does not include")
        case Unknown() as gap:
            yield gap


def _elsewhere(connection: Connection, peer: Known[str]) -> Problem:
    """Return the problem: high for the agent itself; a session's own process may serve a tunnel (low)."""
    process = read_text(connection.process)
    if isinstance(process, Unknown) or process.startswith(_WORKER):
        return Problem(
            peer.at, f"a session is connected to {peer.value}, possibly a tunnel", Severity.LOW, headline=_TUNNEL
        )
    text = f"{shown(process)} is connected to {peer.value}, but the agent needs only port 443"
    return Problem(peer.at, text, Severity.HIGH, headline="Agent connects to an unexpected port")


def _seen(connections: list[Connection], host: Host, account: Account) -> str:
    """Return the peers as one would read them, each with the service it is and the way there."""
    peers = list(dict.fromkeys(_peer(each, host, account) for each in connections))
    more = f" and {len(peers) - _SHOWN} more" if len(peers) > _SHOWN else ""
    return ", ".join(peers[:_SHOWN]) + more


def _peer(connection: Connection, host: Host, account: Account) -> str:
    peer = read_text(connection.peer)
    if isinstance(peer, Unknown):
        return "an unknown address"
    names = [name for name in host.names if peer in known_texts(each(name.addresses))]
    services = known_texts(each.name for each in names)
    return f"{peer} ({', '.join((*services, _way(connection, services, host, account)))})"


def _way(connection: Connection, services: tuple[str, ...], host: Host, account: Account) -> str:
    if not isinstance(connection.private, Known):
        return "unknown whether private or public"
    if not connection.private.value:
        return "a public address"
    own = [_own_endpoint(each, host, account) for each in services]
    return next((f"the VPC endpoint {each}" for each in own if each), "a private address")


def _own_endpoint(name: str, host: Host, account: Account) -> str:
    """Return the endpoint of the node's VPC for the service of this name; nothing where that is not known."""
    own = [each for each in account.instances if read_text(each.name) == read_text(host.name)]
    subnet = subnet_of(own[0], account) if len(own) == 1 else None
    if subnet is None or isinstance(subnet, Unknown):
        return ""
    found = endpoints_for(name.split(".", maxsplit=1)[0], subnet.vpc, account)
    return next((each.address.rpartition("/")[2] for each, answer in found if is_yes(answer)), "")


def reach_inside(host: Host, context: Context) -> Verdict:
    """Check whether the node reaches ssm and ssmmessages: their names resolve, and the agent holds a connection."""
    private = context.thresholds.private_endpoints_required
    checks = [check for service in _SERVICES for check in _resolves(service, host)]
    checks += _connected(host, private=private)
    seen = _seen(_messages(host), host, context.account)
    passed = Passed(host.origin, f"ssm and ssmmessages resolve, and the agent is connected to ssmmessages: {seen}")
    return conclude(host.origin, checks, passed=passed, undecided="whether the node reaches the services is unknown")


def _named(service: str, host: Host) -> list[ResolvedName]:
    return [each for each in host.names if _is_of(service, read_text(each.name))]


def _is_of(service: str, name: str | Unknown) -> bool:
    return isinstance(name, str) and name.split(".", maxsplit=1)[0] == service


def _resolves(service: str, host: Host) -> Iterator[Check]:
    named = _named(service, host)
    addresses = [address for name in named for address in each(name.addresses)]
    if any(isinstance(each, Known) for each in addresses):
        return
    for doubt in (*_name_gaps(host), *gaps(*addresses)):
        yield doubt
        return
    if named:
        text = f"{read_text(named[0].name)} does not resolve, so the agent cannot reach {service}"
        yield Problem(named[0].at, text, Severity.HIGH, headline="Node cannot resolve Systems Manager")
    else:
        yield Unknown(Why.UNAVAILABLE, host.origin, f"what {service} resolves to, which the evidence does not include")


def _name_gaps(host: Host) -> Iterator[Unknown]:
    yield from gaps(*(read_text(each.name) for each in host.names), host.names.gap)


def _messages(host: Host) -> list[Connection]:
    """Return the connections that surely lead to ssmmessages."""
    known = {text for name in _named("ssmmessages", host) for text in known_texts(each(name.addresses))}
    https = [each for each in host.connections if isinstance(each.port, Known) and each.port.value == _HTTPS]
    return [each for each in https if read_text(each.peer) in known]


def _connected(host: Host, *, private: bool) -> Iterator[Check]:
    found = _messages(host)
    if not found:
        unseen = Unknown(
            Why.UNAVAILABLE, host.origin, "whether the agent reaches ssmmessages: no connection to it was found"
        )
        yield next(_connection_gaps(host), unseen)
    elif private:
        yield from (check for each in found for check in _privately(each))
        yield from _connection_gaps(host)


def _connection_gaps(host: Host) -> Iterator[Unknown]:
    """Yield why there may be connections to ssmmessages that were not recognised."""
    yield from _name_gaps(host)
    for name in _named("ssmmessages", host):
        yield from gaps(*each(name.addresses))
    for connection in host.connections:
        yield from gaps(connection.peer, connection.port)
    yield from gaps(host.connections.gap)


def _privately(connection: Connection) -> Iterator[Check]:
    private = required(connection.private, Why.UNAVAILABLE, "whether the address is private")
    text = f"the node reaches ssmmessages at {read_text(connection.peer)}, not through an endpoint of its VPC"
    return headed("Node does not use private endpoints", unless(private, text, Severity.MEDIUM))
