"""What nodes reach: endpoints for closed subnets, and a security group that lets out no more than sessions need."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from re import sub

from ssm_hardening.core.logic import each as members_of
from ssm_hardening.core.values import Absent, Inventory, Known, Text, Value
from ssm_hardening.model import LIVE, Account, Host, Instance, Subnet, VpcEndpoint
from ssm_hardening.model.joins import Found, join
from ssm_hardening.remediation.cases import AccessGap, Case, rules_of
from ssm_hardening.remediation.changes import Phase, known_text, known_texts
from ssm_hardening.remediation.plan import (
    CostItem,
    FromExpression,
    FromVariable,
    ModuleCall,
    ModuleInput,
    Variable,
)
from ssm_hardening.remediation.rights.destinations import Destinations, together
from ssm_hardening.remediation.rights.result import Making, Rights, RightsCall
from ssm_hardening.remediation.wiring import PREFIX, label

ENDPOINTS, GROUP = "private-endpoints", "node-security-group"
_FROM_INSIDE = "it was found on the node itself; find out there which process it is and what its resolver answers"

_SHARED = ("kms", "logs", "s3")
"""Services that other workloads call as well, so that private DNS for them is an explicit choice."""

_HOURS = 730
_HOURLY_USD = 0.01
"""An interface endpoint in one zone, in most Regions; data is billed beside it."""


@dataclass(slots=True)
class _Place:
    """The nodes of one VPC that the cases are about."""

    vpc: str
    nodes: dict[str, Instance] = field(default_factory=dict)
    cases: list[Case] = field(default_factory=list)


def make(cases: Sequence[Case], making: Making) -> None:
    """Make the calls for the network of one live account; code that makes networks is its owner's to change."""
    _Network(making.account, making.used, making.into, making.rights).make(cases)


@dataclass(frozen=True, slots=True)
class _Network:
    account: Account
    used: Destinations
    into: bool
    rights: Rights

    def make(self, cases: Sequence[Case]) -> None:
        """Make a call for each VPC; what cannot be placed in one is a step for a person."""
        endpoints = [case for case in cases if case.remedy.gap is AccessGap.CLOSED]
        groups = [case for case in cases if case.remedy.gap is AccessGap.OPEN]
        places = self._places(endpoints, Phase.ENDPOINTS)
        for place in places:
            self._endpoints(place, self._label("private_endpoints", place, len(places)))
        places = self._places(groups, Phase.RESTRICTIONS)
        for place in places:
            self._group(place, self._label("node_group", place, len(places)))
        for case in cases:
            if case.remedy.gap is None:
                self.rights.by_hand(case, case.remedy.by_hand)

    def _places(self, cases: Sequence[Case], phase: Phase) -> list[_Place]:
        places: dict[str, _Place] = {}
        for case in cases:
            vpc = self._vpc_of(case.fact) if self.account.source == LIVE else None
            is_ours = isinstance(case.fact, Instance) and (phase is Phase.ENDPOINTS or not _is_launched(case.fact))
            if vpc is None or not isinstance(case.fact, Instance) or not is_ours:
                self._by_hand(case, phase)
                continue
            place = places.setdefault(vpc, _Place(vpc))
            place.nodes[case.fact.address] = case.fact
            place.cases.append(case)
        return list(places.values())

    def _by_hand(self, case: Case, phase: Phase) -> None:
        module = ENDPOINTS if phase is Phase.ENDPOINTS else GROUP
        why = f"its VPC is unknown or is declared in code; call module {module} in that code"
        if isinstance(case.fact, Host):
            why = _FROM_INSIDE
        elif case.live and module is GROUP and isinstance(case.fact, Instance) and _is_launched(case.fact):
            why = f"what launches these instances names their security groups; call module {module} for its VPC"
        self.rights.by_hand(case, why, phase)

    def _vpc_of(self, fact: object) -> str | None:
        subnet = self._subnet(fact) if isinstance(fact, Instance) else None
        return None if subnet is None else known_text(subnet.vpc)

    def _subnet(self, node: Instance) -> Subnet | None:
        return next(filter(None, (_found(name, self.account.subnets) for name in _subnets_of(node))), None)

    def _label(self, base: str, place: _Place, among: int) -> str:
        slug = sub(r"[^a-z0-9]+", "_", place.vpc.lower())
        return label(base if among == 1 else f"{base}_{slug}", into=self.into)

    def _endpoints(self, place: _Place, name: str) -> None:
        named = (name for each in place.nodes.values() for name in _subnets_of(each))
        subnets = sorted({known_text(name) or "" for name in named} - {""})
        groups = sorted({group for each in place.nodes.values() for group in known_texts(each.security_groups)})
        there = self._there(place.vpc)
        services = [each for each in self._services() if each not in there]
        if not services or not subnets or not groups:
            for case in place.cases:
                self._by_hand(case, Phase.ENDPOINTS)
            return
        inputs: dict[str, ModuleInput] = {
            "vpc_id": place.vpc,
            "subnet_ids": list(subnets),
            "services": list(services),
            "node_security_group_ids": list(groups),
        }
        shared = [each for each in services if each in _SHARED]
        prefix = PREFIX if self.into else ""
        if shared:
            inputs["shared_private_dns_accepted"] = FromVariable(self.rights.add(_accepted(prefix, place.vpc, shared)))
        if self.used.bucket_arn is not None and "s3" not in there:
            inputs["route_table_ids"] = FromVariable(self.rights.add(_tables(prefix, place.vpc)))
            if isinstance(self.used.bucket_arn, str | FromExpression):
                inputs["recording_bucket_arns"] = together([self.used.bucket_arn])
        rules = rules_of(place.cases)
        note = (
            f"Creates interface endpoints for {', '.join(services)} in {place.vpc} that allow port 443 from the "
            "security groups of the nodes."
        )
        call = ModuleCall(label=name, module=ENDPOINTS, inputs=inputs, closes=(), expects=rules, note=note)
        self.rights.calls.append(RightsCall(phase=Phase.ENDPOINTS, call=call))
        self._cost(len(services), len(subnets))
        self._private_dns(place.vpc, services)
        self.rights.proved += [case.target for case in place.cases]

    def _services(self) -> Iterator[str]:
        yield from ("ssm", "ssmmessages")
        if self.used.session_key is not None or self.used.bucket_key is not None:
            yield "kms"
        if self.used.group_arn is not None:
            yield "logs"

    def _there(self, vpc: str) -> set[str]:
        own = (each for each in self.account.vpc_endpoints if known_text(each.vpc) == vpc)
        return {(_service(each) or "").rpartition(".")[2] for each in own}

    def _cost(self, services: int, zones: int) -> None:
        monthly = round(services * zones * _HOURLY_USD * _HOURS, 2)
        formula = f"{services} endpoints x {zones} subnets x {_HOURLY_USD} USD x {_HOURS} hours, plus 0.01 USD per GB"
        self.rights.costs.append(CostItem(what="Interface endpoints", monthly_usd=monthly, formula=formula))

    def _private_dns(self, vpc: str, services: Sequence[str]) -> None:
        names = ", ".join(services)
        others = self._workloads(vpc)
        told = f"{others} network interfaces of other workloads" if others else "other workloads, as far as is known"
        question = (
            f"Who else resolves {names} through {vpc}? With private DNS, every client in the VPC gets the new "
            f"endpoints, and their policies and security groups then apply to all of them: {told}."
        )
        self.rights.questions.append(question)

    def _workloads(self, vpc: str) -> int:
        found = next((each for each in self.account.vpcs if known_text(each.name) == vpc), None)
        return 0 if found is None else len(list(known_texts(found.workloads)))

    def _group(self, place: _Place, name: str) -> None:
        endpoints = self._endpoint_groups(place.vpc)
        inputs: dict[str, ModuleInput] = {
            "name": "session-nodes",
            "vpc_id": place.vpc,
            "https_to_internet": not endpoints or any(self._leaves(each) for each in place.nodes.values()),
            **({"endpoint_security_group_ids": together(endpoints)} if endpoints else {}),
        }
        rules = rules_of(place.cases)
        note = (
            "Creates a security group with no inbound rules and outbound port 443. Attaching it to nodes is a manual "
            "step."
        )
        call = ModuleCall(label=name, module=GROUP, inputs=inputs, closes=rules, note=note)
        self.rights.calls.append(RightsCall(phase=Phase.ENDPOINTS, call=call))
        self._attach(name, place, rules)

    def _endpoint_groups(self, vpc: str) -> list[str | FromExpression]:
        """Return the groups of the VPC's interface endpoints, those that are made here included."""
        own = (each for each in self.account.vpc_endpoints if known_text(each.vpc) == vpc)
        found = sorted({group for each in own for group in known_texts(each.security_groups)})
        made = (each.call for each in self.rights.calls if each.call.module == ENDPOINTS)
        expressions = (f"module.{call.label}.security_group_id" for call in made if call.inputs.get("vpc_id") == vpc)
        return [*found, *map(FromExpression, expressions)]

    def _attach(self, name: str, place: _Place, rules: Sequence[str]) -> None:
        nodes = ", ".join(sorted(known_text(each.name) or each.address for each in place.nodes.values()))
        what = (
            f"replace the wider security groups of the nodes {nodes} with that of module.{name}, one node at a time: "
            "aws ec2 modify-instance-attribute --instance-id ID --groups GROUP_ID"
        )
        why = "other traffic of these nodes (updates, directories, databases) is unknown and would be blocked"
        self.rights.step(Phase.RESTRICTIONS, what=what, why=why, at=self.account.at, rules=rules)

    def _leaves(self, node: Instance) -> bool:
        """Say whether the node may reach AWS over the internet: a way out that is not known is taken for one."""
        found = [_found(name, self.account.subnets) for name in _subnets_of(node)]
        return any(subnet is None or not isinstance(subnet.way_out, Absent) for subnet in found)


def _accepted(prefix: str, vpc: str, services: Sequence[str]) -> Variable:
    return Variable(
        name=f"{prefix}shared_private_dns_accepted",
        type="set(string)",
        description=(
            f"Services among {', '.join(services)} whose names may resolve to the new endpoints for every client in "
            f"{vpc}. Ask who else calls them there before you set this."
        ),
        sample=list(services),
    )


def _tables(prefix: str, vpc: str) -> Variable:
    return Variable(
        name=f"{prefix}route_table_ids",
        type="list(string)",
        description=(
            f"Route tables of the node subnets in {vpc}, for the S3 gateway endpoint, which is free of charge."
        ),
        sample=["rtb-0123456789abcdef0"],
    )


def _is_launched(node: Instance) -> bool:
    return isinstance(node.launcher, Known)


def _subnets_of(node: Instance) -> tuple[Value[Text], ...]:
    """Return the names of the subnets that a node is in, or that its launcher chooses from."""
    return members_of(node.subnets) or (node.subnet,)


def _found(value: Value[Text], subnets: Inventory[Subnet]) -> Subnet | None:
    if not isinstance(value, Known) or not isinstance(value.value, str):
        return None
    match join(Known(value.value, value.at), subnets):
        case Found(fact):
            return fact
        case _:
            return None


def _service(endpoint: VpcEndpoint) -> str | None:
    return known_text(endpoint.service)
