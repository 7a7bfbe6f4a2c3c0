"""What security groups say, and which endpoints they open to nodes."""

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Network, IPv6Network, collapse_addresses, ip_network
from typing import TYPE_CHECKING

from ssm_hardening.core.logic import Answer, ask, contents, each, every, is_yes, some, text_of, unanswered
from ssm_hardening.core.values import Absent, Items, Known, Text, Unknown, Value, Why
from ssm_hardening.model import Account
from ssm_hardening.model.facts import exists
from ssm_hardening.model.joins import Elsewhere, Found, Uncertain, join, names

if TYPE_CHECKING:
    # Loaded on demand: the pre-commit check, which reads code, never needs them.
    from ssm_hardening.model import GroupRule, Instance, SecurityGroup, Subnet, Vpc, VpcEndpoint

HTTPS = 443
_ALL = frozenset({"-1", "all"})
_TCP = frozenset({"tcp", "6"})


def groups_of(node: "Instance", account: Account) -> "Iterator[SecurityGroup | Unknown]":
    """Yield the security groups of a node, and why some are not known."""
    yield from groups_by_name(node.security_groups, account)
    if isinstance(node.security_groups, Absent):
        yield Unknown(Why.OUT_OF_SCOPE, node.security_groups.at, "which security groups the node has")


def groups_by_name(names: Value[Items], account: Account) -> "Iterator[SecurityGroup | Unknown]":
    """Yield the security groups that are named, and why some are not known."""
    for name in each(names):
        if isinstance(name, Absent):
            yield Unknown(Why.UNPARSEABLE, name.at, "null instead of a security group")
        else:
            yield _group(name, account)


def _group(name: Known[Text] | Unknown, account: Account) -> "SecurityGroup | Unknown":
    match join(name, account.security_groups):
        case Found(group):
            answer = exists(group)
            if isinstance(answer, Unknown):
                return answer
            return (
                group if is_yes(answer) else Unknown(Why.OUT_OF_SCOPE, group.origin, f"{group.address} does not exist")
            )
        case Uncertain(gap):
            return unanswered(gap)
        case Elsewhere(read):
            return Unknown(Why.OUT_OF_SCOPE, name.at, f"the security group {read} was not read")


def covers(rule: "GroupRule", port: int) -> Answer:
    """Say whether a rule is about this TCP port."""
    tcp = ask(text_of(rule.protocol), lambda name: name.lower() in _ALL | _TCP, absent=True)
    return every((tcp, _begins(rule, port), _ends(rule, port)), rule.at)


def is_everything(rule: "GroupRule") -> bool:
    """Say whether a rule is surely about all protocols, whose ports AWS then ignores."""
    return isinstance(rule.protocol, Known) and rule.protocol.value in _ALL


def _begins(rule: "GroupRule", port: int) -> Answer:
    return _all_or(rule, ask(rule.from_port, lambda first: first <= port, absent=True))


def _ends(rule: "GroupRule", port: int) -> Answer:
    return _all_or(rule, ask(rule.to_port, lambda last: last >= port, absent=True))


def _all_or(rule: "GroupRule", answer: Answer) -> Answer:
    return Known(True, rule.at) if is_everything(rule) else answer


def is_open_to_nobody(rule: "GroupRule") -> bool:
    """Say whether a rule surely names no source or destination at all."""
    return not any(map(each, (rule.cidrs, rule.groups, rule.prefix_lists)))


def is_world(rule: "GroupRule", *beside: "GroupRule") -> Answer:
    """Say whether a rule, together with others, names the whole world: at least half of it, in one range or several."""
    texts = [text_of(cidr) for one in (rule, *beside) for cidr in each(one.cidrs)]
    if _is_most([text.value for text in texts if isinstance(text, Known)]):
        return Known(True, rule.at)
    return next((unanswered(text) for text in texts if isinstance(text, Unknown)), Known(False, rule.at))


_WORLD_4, _WORLD_6 = IPv4Network("0.0.0.0/0"), IPv6Network("2000::/3")
"""The addresses of the internet."""


def _is_most(ranges: Sequence[str]) -> bool:
    """Say whether ranges hold at least half of the internet's addresses of one version of IP."""
    found = [network for network in map(_network, ranges) if network is not None]
    fours = collapse_addresses(each for each in found if isinstance(each, IPv4Network))
    sixes = collapse_addresses(
        _WORLD_6 if _WORLD_6.subnet_of(each) else each
        for each in found
        if isinstance(each, IPv6Network) and each.overlaps(_WORLD_6)
    )
    shares = ((fours, _WORLD_4), (sixes, _WORLD_6))
    return any(2 * sum(each.num_addresses for each in some_) >= whole.num_addresses for some_, whole in shares)


def _network(text: str) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None


def admits(endpoint: "VpcEndpoint", node: "Instance", subnet: "Subnet", account: Account) -> Answer:
    """Say whether the security groups of an interface endpoint accept TCP 443 from a node of a subnet."""
    return some(_admissions(endpoint, node, subnet, account), endpoint.origin)


def _admissions(endpoint: "VpcEndpoint", node: "Instance", subnet: "Subnet", account: Account) -> Iterator[Answer]:
    if isinstance(endpoint.security_groups, Absent):
        yield Unknown(Why.OUT_OF_SCOPE, endpoint.security_groups.at, "which security groups the endpoint has")
    for group in groups_by_name(endpoint.security_groups, account):
        if isinstance(group, Unknown):
            yield group
            continue
        yield from (_takes(each, node, subnet, account) for each in group.inbound)
        if group.inbound.gap is not None:
            yield unanswered(group.inbound.gap)


def _takes(rule: "GroupRule", node: "Instance", subnet: "Subnet", account: Account) -> Answer:
    """Say whether a rule admits 443 from a node: from the world, the range of its subnet, or a group of its own."""
    if is_open_to_nobody(rule):
        return Known(False, rule.at)
    sources = (is_world(rule), _from_range(rule, subnet, account), _from_groups(rule, node, account))
    return every((covers(rule, HTTPS), some(sources, rule.at)), rule.at)


def _from_range(rule: "GroupRule", subnet: "Subnet", account: Account) -> Answer:
    ranges = each(rule.cidrs)
    if not ranges:
        return Known(False, rule.at)
    vpc = vpc_of(subnet.vpc, account)
    if not isinstance(vpc, Unknown) and _is_range_of(rule, vpc):
        return Known(True, rule.at)
    home = _ipv4(subnet.cidr)
    if home is None:
        return unanswered(vpc) if isinstance(vpc, Unknown) else _in_doubt(rule)
    named = [text_of(each) for each in ranges]
    admitted = list(collapse_addresses(filter(None, map(_ipv4, named))))
    if any(home.subnet_of(network) for network in admitted):
        return Known(True, rule.at)
    if any(home.overlaps(network) for network in admitted):
        return _in_doubt(rule)
    return next((unanswered(each) for each in named if isinstance(each, Unknown)), Known(False, rule.at))


def _in_doubt(rule: "GroupRule") -> Unknown:
    return Unknown(Why.COMPUTED, rule.at, "whether the address of the node is in the range of the rule")


def _is_range_of(rule: "GroupRule", vpc: "Vpc") -> bool:
    """Say whether a rule surely names the only range of a VPC, which all of its nodes are in."""
    whole = each(vpc.cidrs)
    return len(whole) == 1 and isinstance(whole[0], Known) and whole[0].value in contents(rule.cidrs)


def _ipv4(text: Value[Text]) -> IPv4Network | None:
    found = _network(text.value) if isinstance(text, Known) and isinstance(text.value, str) else None
    return found if isinstance(found, IPv4Network) else None


def is_whole(rule: "GroupRule", vpc: "Vpc") -> Answer:
    """Say whether a rule names a whole range of a VPC."""
    return some((_spans(cidr, whole, wider=False) for cidr in each(rule.cidrs) for whole in each(vpc.cidrs)), rule.at)


def is_wider(rule: "GroupRule", vpc: "Vpc") -> Answer:
    """Say whether a rule names addresses beyond a range of a VPC, all of which it names too."""
    return some((_spans(cidr, whole, wider=True) for cidr in each(rule.cidrs) for whole in each(vpc.cidrs)), rule.at)


def _spans(cidr: Value[Text], whole: Value[Text], *, wider: bool) -> Answer:
    if isinstance(cidr, Known) and isinstance(whole, Known) and cidr.value == whole.value:
        return Known(not wider, cidr.at)
    texts = (text_of(cidr), text_of(whole))
    for text in texts:
        if isinstance(text, Unknown):
            return unanswered(text)
    outer, inner = map(_ipv4, texts)
    return Known(outer is not None and inner is not None and inner.subnet_of(outer), cidr.at)


def vpc_of(name: Value[Text], account: Account) -> "Vpc | Unknown":
    """Return the VPC of this name, or why it is unknown."""
    if isinstance(name, Absent):
        return Unknown(Why.OUT_OF_SCOPE, name.at, "which VPC it is in")
    match join(name, account.vpcs):
        case Found(vpc):
            return vpc
        case Uncertain(gap):
            return unanswered(gap)
        case Elsewhere(read):
            return Unknown(Why.OUT_OF_SCOPE, name.at, f"the VPC {read} was not read")


def _from_groups(rule: "GroupRule", node: "Instance", account: Account) -> Answer:
    own = list(groups_of(node, account))
    answers: list[Answer] = []
    for name in each(rule.groups):
        if not isinstance(name, Absent):
            answers += [_means(name, group) for group in own]
    if each(rule.prefix_lists):
        answers.append(Unknown(Why.OUT_OF_SCOPE, rule.at, "which addresses a prefix list contains"))
    return some(answers, rule.at)


def _means(name: "Known[Text] | Unknown", group: "SecurityGroup | Unknown") -> Answer:
    if isinstance(group, Unknown):
        return unanswered(group)
    answer = names(name, group)
    return (
        Unknown(Why.COMPUTED, name.at, f"whether this is {group.address}") if answer is None else Known(answer, name.at)
    )
