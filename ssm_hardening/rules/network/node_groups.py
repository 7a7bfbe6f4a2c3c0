"""The nodes as the network rules see them: which ones there are, and what their security groups say."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ssm_hardening.access.reach import listed
from ssm_hardening.core.logic import Answer, ask, every, is_yes, some, text_of, unanswered
from ssm_hardening.core.values import Absent, Inventory, Items, Known, Text, Unknown, Value, Why
from ssm_hardening.model import Account
from ssm_hardening.model.facts import exists
from ssm_hardening.model.joins import Elsewhere, Found, Uncertain, join
from ssm_hardening.rules.kit.sources import told, unless_declared
from ssm_hardening.rules.registry import Selector

if TYPE_CHECKING:
    # Loaded on demand: the pre-commit check, which reads code, never needs them.
    from ssm_hardening.model import GroupRule, Instance, SecurityGroup

_ALL = frozenset({"-1", "all"})
_TCP = frozenset({"tcp", "6"})
_WORLD = ("/0", "/1")


def _instances(account: Account) -> "Inventory[Instance]":
    found = told(account, account.instances)
    return Inventory(tuple(each for each in found if not is_hybrid(each)), found.gap)


def is_hybrid(node: "Instance") -> bool:
    """Say whether the node is a machine outside EC2, of whose network AWS tells nothing."""
    return isinstance(node.kind, Known) and node.kind.value == "managed"


def _kind_in_doubt(node: "Instance") -> Unknown | None:
    return node.kind if isinstance(node.kind, Unknown) else None


ec2_nodes: "Selector[Instance]" = Selector(
    "instances",
    _instances,
    doubt=_kind_in_doubt,
    silence=unless_declared(lambda account: account.instances, "which instances there are"),
)


def groups_of(node: "Instance", account: Account) -> "Iterator[SecurityGroup | Unknown]":
    """Yield the security groups of a node, and why some are not known."""
    yield from groups_by_name(node.security_groups, account)
    if isinstance(node.security_groups, Absent):
        yield Unknown(Why.OUT_OF_SCOPE, node.security_groups.at, "which security groups the node has")


def groups_by_name(listed_names: Value[Items], account: Account) -> "Iterator[SecurityGroup | Unknown]":
    """Yield the security groups that are named, and why some are not known."""
    for name in listed(listed_names):
        if isinstance(name, Absent):
            yield Unknown(Why.UNPARSEABLE, name.at, "null where a security group belongs")
        else:
            yield _group(name, account)


def _group(name: Known[Text] | Unknown, account: Account) -> "SecurityGroup | Unknown":
    match join(name, account.security_groups):
        case Found(group):
            answer = exists(group)
            if isinstance(answer, Unknown):
                return answer
            return group if is_yes(answer) else Unknown(Why.OUT_OF_SCOPE, group.origin, f"{group.address} is not there")
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
    return not any(list(listed(each)) for each in (rule.cidrs, rule.groups, rule.prefix_lists))


def is_world(rule: "GroupRule") -> Answer:
    """Say whether a rule names the whole world."""
    return some(
        (ask(text_of(cidr), lambda text: text.endswith(_WORLD), absent=False) for cidr in listed(rule.cidrs)), rule.at
    )


def ports_of(rule: "GroupRule") -> str:
    """Return protocol and ports as one would read them: `tcp 22`, `all traffic`."""
    if is_everything(rule):
        return "all traffic"
    protocol = str(rule.protocol.value) if isinstance(rule.protocol, Known) else "?"
    match rule.from_port, rule.to_port:
        case Known(first), Known(last):
            return f"{protocol} {first}" if first == last else f"{protocol} {first} to {last}"
        case _:
            return protocol


def peers_of(rule: "GroupRule") -> str:
    """Return whom a rule names, as one would read it."""
    values = (*listed(rule.cidrs), *listed(rule.groups), *listed(rule.prefix_lists))
    names = [str(each.value) if isinstance(each, Known) else "?" for each in values]
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")  # noqa: PLR2004 - three fit
