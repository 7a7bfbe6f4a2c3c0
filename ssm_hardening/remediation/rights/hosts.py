"""The inside of nodes: State Manager makes users and installs tools, and takes privileges away after the canary."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ssm_hardening.model import LIVE, PREFERENCES_NAME, Account, Host, Instance
from ssm_hardening.remediation.cases import Case
from ssm_hardening.remediation.changes import Asked, Phase, literal, phase_of_rule
from ssm_hardening.remediation.plan import FromVariable, ModuleCall, ModuleInput, Target
from ssm_hardening.remediation.rights.result import Rights, RightsCall, canary_variable
from ssm_hardening.remediation.wiring import PREFIX, USER, label
from ssm_hardening.verdicts.standards import Thresholds

MODULE = "host-baseline"
TAKES_AWAY = ("HOST-02", "HOST-03")
"""What State Manager closes by itself once the canary passed, and another probe then shows."""

RULES = ("HOST-01", *TAKES_AWAY, "HOST-04", "HOST-05")

_WHY = {
    "HOST-01": (
        "an update restarts the agent, and a node that is offline or unheard of needs a role, a route and a running "
        "agent first: keep_agent_current of module host-baseline keeps it current from then on"
    ),
    "HOST-04": (
        "what a foreign setting is for is not in the facts, and a wrong one cuts the node off: mend the file on one "
        "node, restart the agent there, and let agent_settings of module host-baseline keep it"
    ),
    "HOST-05": "which packages and policies a machine may have is its owner's to say",
}
_ELSEWHERE = (
    "no account that was read holds this node, so no module can be called for it here: call module host-baseline in "
    "the code of its account, or audit that account with this evidence beside it"
)
_MOST_NODES = 50
"""How many ids State Manager takes in one association; more nodes need a tag, which is their owner's to set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Maker:
    """Makes the one call for the nodes of a live account. `calls` are those there are already."""

    account: Account
    calls: Sequence[ModuleCall]
    into: bool
    rights: Rights

    def make(self, cases: Sequence[Case]) -> None:
        """Make the call for the nodes that can be named; the rest are steps for a person."""
        served = [case for case in cases if self._is_served(case)]
        nodes = sorted({node for case in served for node in _node(case)})
        if len(nodes) > _MOST_NODES:
            self._tag(nodes, served)
            cases, served = [case for case in cases if case not in served], []
        for case in cases:
            if case not in served:
                self._by_hand(case)
        if served:
            self._call(nodes, served)

    def _is_served(self, case: Case) -> bool:
        rule = case.finding.rule.id
        host = case.fact
        if self.account.source != LIVE or not isinstance(host, Host) or not list(_node(case)):
            return False
        tools = literal(host.platform) == "Linux" and (not literal(host.script) or not literal(host.screen))
        return rule in TAKES_AWAY or (rule == "HOST-05" and tools)

    def _tag(self, nodes: Sequence[str], cases: Sequence[Case]) -> None:
        rules = tuple(dict.fromkeys(case.finding.rule.id for case in cases))
        what = f"give the {len(nodes)} nodes a tag, and call module {MODULE} with targets that name it"
        why = (
            f"State Manager takes {_MOST_NODES} ids in one association, and which tag they get is their owner's to say"
        )
        self.rights.step(Phase.RUN_AS, what=what, why=why, at=self.account.at, rules=rules)

    def _by_hand(self, case: Case) -> None:
        rule = case.finding.rule.id
        why = _WHY.get(rule, _ELSEWHERE)
        what = f"{case.finding.subject}: {getattr(case.finding.verdict, 'message', '')}"
        phase = Phase.RESTRICTIONS if rule in TAKES_AWAY else phase_of_rule(rule)
        self.rights.step(phase, what=what, why=why, at=case.finding.verdict.at, rules=(rule,))

    def _call(self, nodes: Sequence[str], served: Sequence[Case]) -> None:
        rules = tuple(dict.fromkeys(case.finding.rule.id for case in served))
        variable = self.rights.add(canary_variable(PREFIX if self.into else ""))
        platforms = {literal(host.platform) for host in self.account.hosts if literal(host.name) in set(nodes)}
        inputs: dict[str, ModuleInput] = {
            "targets": [{"key": "InstanceIds", "values": list(nodes)}],
            "linux": "Linux" in platforms,
            "windows": "Windows" in platforms,
            **self._run_as(platforms),
            "install_transcript_tools": "HOST-05" in rules,
            "keep_agent_current": False,
            "remove_privileges": FromVariable(variable),
        }
        note = (
            "State Manager makes the Run As user on these nodes; once canary_passed is true it takes sudo and the "
            "Windows membership from ssm-user. Each document has one that takes it back."
        )
        name = label("host_baseline", into=self.into)
        call = ModuleCall(label=name, module=MODULE, inputs=inputs, closes=(), expects=rules, note=note)
        switch = f"ssm-user loses sudo and Administrators on {len(nodes)} nodes"
        self.rights.calls.append(RightsCall(phase=Phase.RUN_AS, call=call, switch=switch))
        self.rights.proved += [
            Target(case.finding.rule.id, case.finding.root, case.finding.subject)
            for case in served
            if case.finding.rule.id in TAKES_AWAY
        ]
        self.rights.questions.append(
            "Does anybody, or any job, rely on ssm-user's sudo or on its being an administrator? It ends with the "
            "restrictions; name another way to those rights first."
        )

    def _run_as(self, platforms: set[str | None]) -> Mapping[str, ModuleInput]:
        """Let the nodes have the user that the preferences name: no session may start before it is there."""
        if not platforms & {"Linux"}:
            return {}
        asked = Asked.RUN_AS_USER.value
        named = next((call.inputs[asked] for call in self.calls if asked in call.inputs), self._today())
        return {"run_as_user": named} if isinstance(named, FromVariable) or _may_be_made(named) else {}

    def _today(self) -> str | None:
        """Return the user that the preferences name as they are."""
        documents = self.account.session_documents
        today = [each for each in documents if literal(each.name) == PREFERENCES_NAME]
        return literal(today[0].run_as_default_user) if len(today) == 1 else None


def _may_be_made(name: ModuleInput) -> bool:
    """Say whether the module makes a user of this name: none that has root's rights on some image."""
    plain = isinstance(name, str) and re.fullmatch(USER, name) is not None
    return plain and name not in Thresholds().run_as_forbidden_users


def made_by(rights: Rights) -> bool:
    """Say whether State Manager is to run anything on nodes of ours."""
    return any(each.call.module == MODULE for each in rights.calls)


def _node(case: Case) -> Iterator[str]:
    if isinstance(case.fact, Host | Instance):
        name = literal(case.fact.name)
        if name is not None:
            yield name
