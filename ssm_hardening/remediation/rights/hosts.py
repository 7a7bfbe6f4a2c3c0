"""The inside of nodes: State Manager makes users and installs tools, and takes privileges away after the canary."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ssm_hardening.core.errors import counted
from ssm_hardening.model import LIVE, PREFERENCES_NAME, Account, Host, Instance
from ssm_hardening.remediation.cases import AccessGap, Case, rules_of
from ssm_hardening.remediation.changes import FromOwner, Phase, known_text
from ssm_hardening.remediation.plan import FromVariable, ModuleCall, ModuleInput
from ssm_hardening.remediation.rights.result import Making, Rights, RightsCall, canary_variable
from ssm_hardening.remediation.wiring import PREFIX, USER, label
from ssm_hardening.verdicts.standards import Thresholds

MODULE = "host-baseline"
_MOST_NODES = 50
"""How many ids State Manager takes in one association; more nodes need a tag, which is their owner's to set."""


def make(cases: Sequence[Case], making: Making) -> None:
    """Make the one call for the nodes of a live account that can be named; the rest are steps for a person."""
    _Hosts(making.account, making.calls, making.into, making.rights).make(cases)


@dataclass(frozen=True, slots=True)
class _Hosts:
    account: Account
    calls: Sequence[ModuleCall]
    into: bool
    rights: Rights

    def make(self, cases: Sequence[Case]) -> None:
        served = [case for case in cases if self._is_served(case)]
        nodes = sorted({node for case in served for node in _node(case)})
        if len(nodes) > _MOST_NODES:
            self._tag(nodes, served)
            cases, served = [case for case in cases if case not in served], []
        for case in cases:
            if case not in served:
                self.rights.by_hand(case, case.remedy.by_hand)
        if served:
            self._call(nodes, served)

    def _is_served(self, case: Case) -> bool:
        host = case.fact
        if self.account.source != LIVE or not isinstance(host, Host) or not list(_node(case)):
            return False
        lacks_tools = known_text(host.platform) == "Linux" and (
            not known_text(host.script) or not known_text(host.screen)
        )
        return case.remedy.gap is AccessGap.PRIVILEGE or (case.remedy.gap is AccessGap.TOOLS and lacks_tools)

    def _tag(self, nodes: Sequence[str], cases: Sequence[Case]) -> None:
        rules = rules_of(cases)
        what = f"tag the {len(nodes)} nodes, and call module {MODULE} with targets that select the tag"
        why = (
            f"a State Manager association accepts at most {_MOST_NODES} instance IDs, and the owner of the nodes "
            "decides on the tag"
        )
        self.rights.step(Phase.RUN_AS, what=what, why=why, at=self.account.at, rules=rules)

    def _call(self, nodes: Sequence[str], served: Sequence[Case]) -> None:
        rules = rules_of(served)
        variable = self.rights.add(canary_variable(PREFIX if self.into else ""))
        platforms = {known_text(host.platform) for host in self.account.hosts if known_text(host.name) in set(nodes)}
        inputs: dict[str, ModuleInput] = {
            "targets": [{"key": "InstanceIds", "values": list(nodes)}],
            "linux": "Linux" in platforms,
            "windows": "Windows" in platforms,
            **self._run_as(platforms),
            "install_transcript_tools": any(case.remedy.gap is AccessGap.TOOLS for case in served),
            "keep_agent_current": False,
            "remove_privileges": FromVariable(variable),
        }
        note = (
            "State Manager creates the Run As user on these nodes. After you set canary_passed to true, it removes "
            "sudo and the Administrators membership from ssm-user. Each document has a counterpart that reverts it."
        )
        name = label("host_baseline", into=self.into)
        call = ModuleCall(label=name, module=MODULE, inputs=inputs, closes=(), expects=rules, note=note)
        switch = f"ssm-user loses sudo and Administrators membership on {counted(len(nodes), 'node')}"
        self.rights.calls.append(RightsCall(phase=Phase.RUN_AS, call=call, switch=switch, first=True))
        self.rights.proved += [case.target for case in served if case.remedy.gap is AccessGap.PRIVILEGE]
        self.rights.questions.append(
            "Does anyone, or any job, rely on sudo or administrator rights of ssm-user? The restrictions remove these "
            "rights. Arrange another way to get them before you start."
        )

    def _run_as(self, platforms: set[str | None]) -> Mapping[str, ModuleInput]:
        """Let the nodes have the user that the preferences name: no session may start before it is there."""
        if not platforms & {"Linux"}:
            return {}
        asked = FromOwner.RUN_AS_USER.value
        named = next((call.inputs[asked] for call in self.calls if asked in call.inputs), self._today())
        return {"run_as_user": named} if isinstance(named, FromVariable) or _may_be_made(named) else {}

    def _today(self) -> str | None:
        """Return the user that the preferences name as they are."""
        documents = self.account.session_documents
        today = [each for each in documents if known_text(each.name) == PREFERENCES_NAME]
        return known_text(today[0].run_as_default_user) if len(today) == 1 else None


def _may_be_made(name: ModuleInput) -> bool:
    """Say whether the module makes a user of this name: none that has root's rights on some image."""
    plain = isinstance(name, str) and re.fullmatch(USER, name) is not None
    return plain and name not in Thresholds().run_as_forbidden_users


def made_by(rights: Rights) -> bool:
    """Say whether State Manager is to run anything on nodes of ours."""
    return any(each.call.module == MODULE for each in rights.calls)


def _node(case: Case) -> Iterator[str]:
    if isinstance(case.fact, Host | Instance):
        name = known_text(case.fact.name)
        if name is not None:
            yield name
