"""From an audit to a remediation: which modules, edits and steps, in which order. Pure but for reading the code."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from ssm_hardening.findings import Audit
from ssm_hardening.hcl import ast
from ssm_hardening.model import Account, Fact, LogGroup
from ssm_hardening.remediation import advice
from ssm_hardening.remediation.adoption.building import Builder
from ssm_hardening.remediation.adoption.live import LivePlanner
from ssm_hardening.remediation.adoption.result import Adoption, call_of
from ssm_hardening.remediation.adoption.roles import role_questions
from ssm_hardening.remediation.calling import find_call
from ssm_hardening.remediation.calls import CallMaker, Calls
from ssm_hardening.remediation.cases import Case, cases, facts, is_gap, turn
from ssm_hardening.remediation.changes import (
    AdmitLogs,
    ByHand,
    Change,
    Edited,
    Need,
    Output,
    Part,
    Phase,
    SetArgument,
    SetContent,
    phase_of_rule,
)
from ssm_hardening.remediation.describing import by_hand, step_for
from ssm_hardening.remediation.edits import Editor
from ssm_hardening.remediation.granting import grant
from ssm_hardening.remediation.handing import data_files, variable_files
from ssm_hardening.remediation.lockout.finding import find_lockouts
from ssm_hardening.remediation.lockout.proposal import Proposal
from ssm_hardening.remediation.objects import NotEditableError
from ssm_hardening.remediation.plan import Edit, ManualStep, RemediationPlan, Target
from ssm_hardening.remediation.remedies import ALSO_UNDECIDED, REMEDIES
from ssm_hardening.remediation.rights.building import RULES as RIGHTS
from ssm_hardening.remediation.stages import Gathered, stages
from ssm_hardening.remediation.wiring import Wiring
from ssm_hardening.standards import Thresholds


@dataclass(slots=True)
class _Work:
    """What has been gathered so far."""

    wirings: dict[str, Wiring] = field(default_factory=dict)
    needs: dict[Part, set[str]] = field(default_factory=dict)
    settings: set[str] = field(default_factory=set)
    rules: set[str] = field(default_factory=set)
    first_policies: set[str] = field(default_factory=set)
    manual: list[tuple[Phase, ManualStep]] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)
    served: dict[str, LogGroup] = field(default_factory=dict)
    module_root: str | None = None
    asks_owner: bool = False
    unchanged: set[str] = field(default_factory=set)


def plan_remediation(
    audit: Audit,
    accounts: Sequence[Account],
    *,
    into: bool,
    read_file: Callable[[str], str],
    thresholds: Thresholds | None = None,
) -> RemediationPlan:
    """Return what closes the audit's open findings.

    `into` says that the modules are to stand in the user's own root, so that edits may refer to them; otherwise they
    make a root of their own and edits get new variables. `read_file` returns the text of a file named as in the
    findings' origins, and may raise OSError. `thresholds` are those of the audit's standard.
    """
    everything = [fact for account in accounts for fact in facts(account)]
    live = LivePlanner(audit, accounts)
    planner = _Planner(into, Editor(read_file, everything), thresholds or Thresholds(), accounts, live)
    for case in sorted(cases(audit, accounts, planner.thresholds), key=turn):
        planner.take(case)
    return planner.plan()


class _Planner:
    def __init__(
        self,
        into: bool,  # noqa: FBT001 - private
        editor: Editor,
        thresholds: Thresholds,
        accounts: Sequence[Account],
        live: LivePlanner,
    ) -> None:
        self.into = into
        self.editor = editor
        self.thresholds = thresholds
        self.accounts = accounts
        self.live = live
        self.calls: dict[str, tuple[ast.SourceFile, ast.Block]] = {}
        self.work = _Work()

    def take(self, case: Case) -> None:
        """Remedy one finding, or say who must."""
        rule = case.finding.rule
        if self.live.is_live(case):
            self.live.take(case)
            return
        if not case.failed and (rule.id not in ALSO_UNDECIDED or is_gap(case)):
            return
        if self.live.answers(case):
            return
        if rule.id in RIGHTS:
            self.live.access.append(case)
            return
        remedy = REMEDIES.get(rule.id)
        if remedy is None:
            self._manual(by_hand(case), phase_of_rule(rule.id))
            return
        changes = tuple(remedy(case))
        self._steps(case, changes)
        edits = [each for each in changes if isinstance(each, Edited)]
        needs = [each.part for each in changes if isinstance(each, Need)]
        if needs and not self._may_have_modules(case):
            return
        self._need(case, needs)
        if edits and not self._edit(case, edits):
            return
        if (edits or needs) and not any(isinstance(each, ByHand) for each in changes):
            self.work.targets.append(Target(rule.id, case.finding.root, case.finding.subject))

    def _need(self, case: Case, parts: Iterable[Part]) -> None:
        rule = case.finding.rule.id
        for part in parts:
            self.work.needs.setdefault(part, set()).add(rule)
        if Part.PREFERENCES in parts and not case.failed:
            self.work.asks_owner = True

    def _may_have_modules(self, case: Case) -> bool:
        """Allow modules for one root only: they are made for one account and Region."""
        root = self.live.place_of(case)
        if self.work.module_root in (None, root):
            self.work.module_root = root
            return True
        step = ManualStep(
            what=f"generate the modules for {case.finding.root} in a run of its own",
            why="modules are made for one account and Region at a time, and this plan makes them for another root",
            at=str(case.finding.origin),
            closes=(case.finding.rule.id,),
        )
        self._manual(step, Phase.KEYS)
        return False

    def _steps(self, case: Case, changes: Sequence[Change]) -> None:
        for change in changes:
            if isinstance(change, ByHand):
                closes = (case.finding.rule.id,)
                step = ManualStep(what=change.what, why=change.why, at=str(change.at), closes=closes)
                self._manual(step, change.phase)

    def _manual(self, step: ManualStep, phase: Phase) -> None:
        for number, (when, other) in enumerate(self.work.manual):
            if (when, other.what, other.at) == (phase, step.what, step.at):
                closes = tuple(dict.fromkeys((*other.closes, *step.closes)))
                self.work.manual[number] = (when, replace(other, closes=closes))
                return
        self.work.manual.append((phase, step))

    def _edit(self, case: Case, edits: Sequence[Edited]) -> bool:
        """Make the edits of one finding, or hand all of them to a person."""
        root = case.finding.root
        wiring = self.work.wirings.setdefault(root, Wiring(root, self.into, self._find_call))
        rule = case.finding.rule.id
        try:
            blocked = next((name for each in edits for name in _relies_on(each) if name in self.work.unchanged), None)
            if blocked is not None:
                raise NotEditableError(f"{blocked} must be changed first")  # noqa: TRY301 - one way out
            self.editor.add(edits, rule, wiring)
        except NotEditableError as reason:
            self.work.unchanged |= {each.fact.address for each in edits}
            for change in edits:
                step, phase = step_for(change, wiring, str(reason), rule)
                self._manual(step, phase)
            return False
        self._note(edits, rule)
        self._serve(edits)
        return True

    def _find_call(self, fact: Fact) -> str:
        """Return a name for the call of the module that declares the fact. Raises NotEditableError."""
        file, block = find_call(fact, self.accounts, self.editor.file)
        name = f"{file.path}:{block.span.line}"
        self.calls[name] = (file, block)
        return name

    def _note(self, edits: Sequence[Edited], rule: str) -> None:
        self.work.rules.add(rule)
        for change in edits:
            if isinstance(change, SetContent):
                self.work.settings.add(change.path[-1])
            elif isinstance(change, AdmitLogs) and not change.fact.statements.items:
                self.work.first_policies.add(change.fact.address)

    def _serve(self, edits: Sequence[Edited]) -> None:
        """Remember the log groups that the key of our making is for: its policy admits no other."""
        for change in edits:
            key = isinstance(change, SetArgument) and change.value is Output.LOGS_KEY
            if key and isinstance(change.fact, LogGroup):
                self.work.served[change.fact.address] = change.fact

    def _adopt(self) -> Adoption:
        """Take over what exists in the account and in nobody's code, as far as its findings ask for it."""
        self.live.by_hand()
        adoption = self.live.adoption
        cases = [case for case in self.live.worst_first() if self._may_have_modules(case)]
        if cases:
            builder = Builder(
                account=cases[0].account,
                comparison=self.live.comparison,
                thresholds=self.thresholds,
                into=self.into,
                adoption=adoption,
                needs=self.work.needs,
            )
            builder.build(cases)
            self.live.aim_at_defaults(cases, into=self.into)
            self.work.needs = adoption.needs
        for phase, step in adoption.steps:
            self._manual(step, phase)
        self.work.settings |= adoption.settings
        self.work.rules |= adoption.rules
        self.work.targets += adoption.targets
        self.work.served |= {group.address: group for group in adoption.served}
        return adoption

    def plan(self) -> RemediationPlan:
        """Return the stages with everything that was gathered."""
        adoption = self._adopt()
        rights, calls, adoption = grant(
            self.live, self._calls(adoption), adoption, into=self.into, may=self._may_have_modules
        )
        for phase, step in rights.steps:
            self._manual(step, phase)
        for wiring in self.work.wirings.values():
            for passed in wiring.passed.values():
                self.editor.feed(passed, self.calls.__getitem__)
        edits = [*self.editor.edits(), *self._new_files()]
        parts = frozenset(self.work.needs)
        first = tuple(sorted(self.work.first_policies))
        picture = advice.Picture(frozenset(self.work.settings), parts, frozenset(self.work.rules), first)
        handed = [each for wiring in self.work.wirings.values() for each in wiring.handovers.values()]
        variables = {each.name: each for each in calls.variables} | adoption.variables | rights.variables
        if self.into:
            variables |= {each.variable.name: each.variable for each in handed}
        questions = advice.questions(picture, asks_owner=self.work.asks_owner)
        gathered = Gathered(calls, adoption, rights, edits, self.work.manual)
        return RemediationPlan(
            stages=tuple(stages(gathered, picture)),
            variables=tuple(variables.values()),
            lockouts=find_lockouts(self._proposal(gathered, picture)),
            questions=tuple(
                dict.fromkeys((*adoption.questions, *rights.questions, *role_questions(calls.calls), *questions))
            ),
            costs=(*advice.costs(parts), *rights.costs),
            targets=tuple(sorted({*self.work.targets, *rights.targets})),
            proved=tuple(sorted(set(rights.proved))),
            handovers=() if self.into else tuple(handed),
            into=self.into,
            stands_for=tuple(sorted(set(adoption.stands_for))),
        )

    def _proposal(self, gathered: Gathered, picture: advice.Picture) -> Proposal:
        calls = (*(call for _, call in gathered.calls.calls), *map(call_of, gathered.adoption.calls))
        steps = tuple(step for _, step in gathered.manual)
        return Proposal(picture=picture, calls=calls, steps=steps, accounts=self.accounts)

    def _calls(self, adoption: Adoption) -> Calls:
        triggers = {part: frozenset(rules) for part, rules in self.work.needs.items()}
        served = tuple(group for _, group in sorted(self.work.served.items()))
        maker = CallMaker(
            into=self.into,
            thresholds=self.thresholds,
            triggers=triggers,
            served=served,
            given=adoption.given,
            node_roles=self.live.node_roles(self.work.module_root),
        )
        return maker.make()

    def _new_files(self) -> list[tuple[Phase, Edit]]:
        wirings = self.work.wirings.values()
        variables = [(Phase.STORES, edit) for wiring in wirings for edit in variable_files(wiring)]
        return [*((Phase.KEYS, edit) for edit in data_files(wirings)), *variables]


def _relies_on(change: Edited) -> tuple[str, ...]:
    return change.relies_on if isinstance(change, SetContent) else ()
