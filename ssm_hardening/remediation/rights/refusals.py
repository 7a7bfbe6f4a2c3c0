"""Who would be refused: the nodes that lack a right which a switch of a document asks for, once the plan is applied."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ssm_hardening.access.credentials import is_spared, serving, use_of
from ssm_hardening.access.placing import works_elsewhere
from ssm_hardening.access.settings import lent_role
from ssm_hardening.core.errors import listed
from ssm_hardening.core.logic import ask, is_no, is_yes
from ssm_hardening.core.values import Absent, Inventory, Known, Unknown
from ssm_hardening.iam.analysis import registers_nodes
from ssm_hardening.model import LIVE, Account, Instance, Role
from ssm_hardening.model.identity import is_only_named
from ssm_hardening.model.joins import Found, join
from ssm_hardening.remediation.cases import there
from ssm_hardening.remediation.plan import FromExpression, ModuleCall
from ssm_hardening.remediation.remedies import RULE_OF_SWITCH
from ssm_hardening.remediation.rights.destinations import Destinations
from ssm_hardening.remediation.rights.nodes import MODULE, role_input
from ssm_hardening.remediation.rights.planned import PlannedDocument, detaches, refusal, surely_may, why_lost
from ssm_hardening.remediation.withholding import CHANNEL, S3, SWITCHES, Switch, Withheld


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """What would be refused, and the roles for which a call of our module would help."""

    withheld: tuple[Withheld, ...]
    helped: tuple[Role, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusals:
    """Looks for refused nodes in one account. `roles` may be those of nodes, `calls` are all calls of the plan."""

    account: Account
    roles: Sequence[Role]
    calls: Sequence[ModuleCall]
    into: bool

    def find(self, documents: Sequence[PlannedDocument]) -> Refused:
        """Return what must not be written as things are."""
        nodes = [each for each in self.roles if _may_be_a_nodes(each) and self._is_used_here(each)]
        strangers = list(self._strangers()) if documents else []
        withheld: list[Withheld] = []
        helped: dict[str, Role] = {}
        for document in documents:
            for switch in SWITCHES:
                if switch.key not in document.on:
                    continue
                refused = [each for each in nodes if not self._may(each, switch, document)]
                if refused or strangers or self._gap() is not None:
                    withheld.append(self._withheld(document, switch, refused, strangers))
                helped |= {each.address: each for each in refused if self._may_help(each, switch, document)}
        return Refused(withheld=tuple(withheld), helped=tuple(helped.values()))

    def _is_used_here(self, role: Role) -> bool:
        """Say whether nodes of the Region use the role, or may: code need not hold all nodes, an account does."""
        is_foreign = self.account.source == LIVE and is_yes(works_elsewhere(role, self.account))
        return not is_spared(role, self.account) and not is_foreign

    def _may_help(self, role: Role, switch: Switch, document: PlannedDocument) -> bool:
        """Say whether a call of our module would give the role the rights, and nothing take them away."""
        return (
            not is_only_named(role)
            and is_yes(use_of(role, self.account).answer)
            and self._call_of(role) is None
            and not why_lost(self.account, role, switch, document)
        )

    def _gap(self) -> Unknown | None:
        """Return why there may be nodes that were not read."""
        gaps = (self.account.instances.gap, self.account.roles.gap)
        return next((each for each in gaps if each is not None), None)

    def _withheld(
        self, document: PlannedDocument, switch: Switch, refused: Sequence[Role], strangers: Sequence[Instance]
    ) -> Withheld:
        names = [*(each.address for each in refused), *(f"the role of {each.address}" for each in strangers)]
        gap = self._gap()
        if gap is not None:
            names.append("the role of every node that was not read")
        return Withheld(
            root=self.account.root,
            document=document.address,
            key=document.on[switch.key],
            switch=switch,
            rule=RULE_OF_SWITCH[switch.key],
            at=document.at,
            who=listed(names, "and"),
            why="; ".join(self._reasons(document, switch, refused, strangers)),
        )

    def _reasons(
        self, document: PlannedDocument, switch: Switch, refused: Sequence[Role], strangers: Sequence[Instance]
    ) -> Iterator[str]:
        lacks = [document.used.missing[name] for name in switch.needs if name in document.used.missing]
        lost = dict.fromkeys(filter(None, (why_lost(self.account, each, switch, document) for each in refused)))
        yield from lost
        if lacks and not lost:
            yield f"this plan does not grant it, because it does not know {' and '.join(lacks)}"
        elif refused and not lost:
            yield "this plan does not grant it"
        elif strangers:
            yield "the role of the node was not read"
        gap = self._gap()
        if gap is not None:
            yield f"there may be more nodes: {gap.detail}"

    def _strangers(self) -> Iterator[Instance]:
        """Yield nodes whose role is not among those that were read, be it lent to them."""
        lends = isinstance(lent_role(self.account), Known)
        roles = Inventory(tuple(self.roles))
        for node in there(self.account.instances):
            match node.role:
                case _ if lends and isinstance(serving(node, self.account), Unknown):
                    yield node
                case Known() as name if not isinstance(join(name, roles), Found):
                    yield node
                case Unknown() if not isinstance(node.profile, Absent):
                    yield node
                case Known() | Absent() | Unknown():
                    continue

    def _call_of(self, role: Role) -> ModuleCall | None:
        named = role_input(role, into=self.into)
        calls = (each for each in self.calls if each.module == MODULE)
        return next((each for each in calls if named is not None and each.inputs.get("role_name") == named), None)

    def _may(self, role: Role, switch: Switch, document: PlannedDocument) -> bool:
        """Say whether the role surely has the rights: by a call of the plan, by what the plan makes, or today."""
        call = self._call_of(role)
        given = call is not None and grants(call, switch, document.used) and not detaches(role, self.account)
        if given or self._is_admitted(switch, document, role):
            return not refusal(self.account, role, switch, document)
        return surely_may(self.account, role, switch, document)

    def _is_admitted(self, switch: Switch, document: PlannedDocument, role: Role) -> bool:
        """Say whether the policy of what the plan makes admits the role by name."""
        buckets = self._made("log-bucket", document.used.bucket_arn) if switch is S3 else []
        keys = self._made("session-keys", document.used.session_key) if switch is CHANNEL else []
        return any(_admits(each, "writer_role_arns", role) for each in buckets) or any(
            _admits(each, "node_role_arns", role) for each in keys
        )

    def _made(self, module: str, named: object) -> list[ModuleCall]:
        if not isinstance(named, FromExpression):
            return []
        found = (each for each in self.calls if each.module == module)
        return [each for each in found if named.expression.startswith(f"module.{each.label}.")]


def grants(call: ModuleCall, switch: Switch, used: Destinations) -> bool:
    """Say whether a call for a role carries the rights that a switch asks for on what a document uses."""
    wanted, given = used.inputs(), call.inputs
    if any(name in used.missing for name in switch.needs) or switch.needs[0] not in wanted:
        return False
    return all(name in given and given[name] == wanted[name] for name in switch.needs if name in wanted)


def _may_be_a_nodes(role: Role) -> bool:
    """Say whether nodes may run with it: one that code only names counts if it has permissions that only nodes need."""
    if is_only_named(role) and isinstance(role.kind, Unknown):
        return not is_no(registers_nodes(Inventory(role.statements.items), role.origin))
    return not is_no(ask(role.kind, lambda kind: kind == "node", absent=False))


def _admits(call: ModuleCall, name: str, role: Role) -> bool:
    """Say whether the list of roles holds this one; a list that is the owner's to write may stay empty."""
    given = call.inputs.get(name)
    return isinstance(given, list) and role.address in given
