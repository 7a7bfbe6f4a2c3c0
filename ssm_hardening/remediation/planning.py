"""From an audit to a remediation: which modules, edits and steps, in which order. Pure but for reading the code."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from ssm_hardening.hcl import ast
from ssm_hardening.model import Account, Fact
from ssm_hardening.remediation import advice, claims
from ssm_hardening.remediation.adoption.building import Builder
from ssm_hardening.remediation.adoption.live import LivePlanner, role_questions
from ssm_hardening.remediation.adoption.result import Adoption, call_of
from ssm_hardening.remediation.calling import find_call
from ssm_hardening.remediation.calls import CallMaker, Calls
from ssm_hardening.remediation.cases import Case, cases, facts, is_aside, is_gap, turn
from ssm_hardening.remediation.changes import (
    ByHand,
    Change,
    Edited,
    Need,
    Part,
    Phase,
    SetContent,
    phase_of_rule,
)
from ssm_hardening.remediation.describing import by_hand, of_another_place, step_for
from ssm_hardening.remediation.edits import Editor
from ssm_hardening.remediation.handing import data_files, variable_files
from ssm_hardening.remediation.lockout.finding import find_lockouts
from ssm_hardening.remediation.lockout.proposal import Proposal
from ssm_hardening.remediation.objects import NotEditableError
from ssm_hardening.remediation.plan import Edit, ManualStep, RemediationPlan, Target
from ssm_hardening.remediation.remedies import ALSO_UNDECIDED, REMEDIES
from ssm_hardening.remediation.rights.building import RULES as RIGHTS
from ssm_hardening.remediation.rights.building import Look
from ssm_hardening.remediation.stages import Gathered, Request, Work, grant, stages
from ssm_hardening.remediation.wiring import Wiring, label
from ssm_hardening.remediation.withholding import Waiting, Withheld, withhold
from ssm_hardening.verdicts.findings import Audit
from ssm_hardening.verdicts.standards import Thresholds


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
    waiting = Waiting()
    while True:
        # What a plan may write depends on the rights that it grants, and those on what it writes: it is made, looked
        # at as a whole, and made again without what would refuse somebody. Each turn leaves out more, so it ends.
        planner = _Planner(
            into=into,
            editor=Editor(read_file, everything),
            thresholds=thresholds or Thresholds(),
            accounts=accounts,
            live=LivePlanner(audit, accounts),
            waiting=waiting,
        )
        for case in sorted(cases(audit, accounts, planner.thresholds), key=turn):
            planner.take(case)
        plan, found = planner.plan()
        if found == waiting:
            return plan
        waiting = found


@dataclass(slots=True, kw_only=True)
class _Planner:
    into: bool
    editor: Editor
    thresholds: Thresholds
    accounts: Sequence[Account]
    live: LivePlanner
    waiting: Waiting
    calls: dict[str, tuple[ast.SourceFile, ast.Block]] = field(default_factory=dict)
    work: Work = field(default_factory=Work)

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
            self.work.step(by_hand(case), phase_of_rule(rule.id))
            return
        changes, waiting = withhold(tuple(remedy(case)), case.finding.root, rule.id, self.waiting.withheld)
        for phase, step in waiting:
            self.work.step(step, phase)
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
        aside = is_aside(case, self.accounts)
        if not aside and self.work.module_root in (None, root):
            self.work.module_root = root
            self.work.home = self.live.account_at(root) or case.account
            return True
        self.work.step(of_another_place(case, aside=aside), Phase.KEYS)
        return False

    def _steps(self, case: Case, changes: Sequence[Change]) -> None:
        for change in changes:
            if isinstance(change, ByHand):
                closes = (case.finding.rule.id,)
                step = ManualStep(
                    what=change.what, why=change.why, at=str(change.at), closes=closes, lines=change.lines
                )
                self.work.step(step, change.phase)

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
                self.work.step(step, phase)
            return False
        self.work.note(root, edits, rule)
        return True

    def _find_call(self, fact: Fact) -> str:
        """Return a name for the call of the module that declares the fact. Raises NotEditableError."""
        file, block = find_call(fact, self.accounts, self.editor.file)
        name = f"{file.path}:{block.span.line}"
        self.calls[name] = (file, block)
        return name

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
                withheld=self.waiting.withheld,
            )
            builder.build(cases)
            self.live.aim_at_defaults(cases, into=self.into, off=[each.switch.rule for each in self._off()])
            self.work.needs = adoption.needs
        for phase, step in adoption.steps:
            self.work.step(step, phase)
        self.work.settings |= adoption.settings
        self.work.rules |= adoption.rules
        self.work.targets += adoption.targets
        self.work.served |= {group.address: group for group in adoption.served}
        return adoption

    def plan(self) -> tuple[RemediationPlan, Waiting]:
        """Return the stages with everything that was gathered, and what a plan must leave out that refuses nobody."""
        adoption = self._adopt()
        request = Request(
            into=self.into,
            may=self._may_have_modules,
            account=self.work.home or self._home_of_helped(),
            written=self.work.written,
            helped=self.waiting.helped,
        )
        rights, calls, adoption = grant(self.live, self._calls(adoption), adoption, request)
        for phase, step in rights.steps:
            self.work.step(step, phase)
        for each in self._off():
            self.work.step(each.step((each.switch.rule,)), Phase.PREFERENCES)
        for wiring in self.work.wirings.values():
            for passed in wiring.passed.values():
                self.editor.feed(passed, self.calls.__getitem__)
        edits = [*self.editor.edits(), *self._new_files()]
        parts = frozenset(self.work.needs)
        first = tuple(sorted(self.work.first_policies))
        off = frozenset(each.key for each in self._off())
        picture = advice.Picture(frozenset(self.work.settings), parts, frozenset(self.work.rules), first, off)
        handed = [each for wiring in self.work.wirings.values() for each in wiring.handovers.values()]
        variables = {each.name: each for each in calls.variables} | adoption.variables | rights.variables
        if self.into:
            variables |= {each.variable.name: each.variable for each in handed}
        questions = advice.questions(picture, asks_owner=self.work.asks_owner)
        gathered = Gathered(calls, adoption, rights, edits, self.work.manual)
        plan = RemediationPlan(
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
            held=tuple(sorted({each.held() for each in self.waiting.withheld.values()})),
        )
        settled = claims.settled(plan, (each.label for each in adoption.calls))
        return settled, self._look(plan, adoption).after(self.waiting)

    def _look(self, plan: RemediationPlan, adoption: Adoption) -> Look:
        return Look(
            accounts=self.accounts,
            home=self.work.home,
            comparison=self.live.comparison,
            calls=plan.modules,
            adopted=adoption.calls,
            written=self.work.written,
            into=self.into,
        )

    def _home_of_helped(self) -> Account | None:
        """Return the account of the roles that are to be given rights, where no module is made for one yet."""
        roots = {root for root, _ in self.waiting.helped}
        return next((each for each in self.accounts if each.root in roots), None)

    def _off(self) -> tuple[Withheld, ...]:
        """Return what new preferences leave off."""
        made = f"module.{label('session_preferences', into=self.into)}.aws_ssm_document.this"
        return tuple(each for each in self.waiting.withheld.values() if each.document == made)

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
            off=tuple(each.switch for each in self._off()),
        )
        return maker.make()

    def _new_files(self) -> list[tuple[Phase, Edit]]:
        wirings = self.work.wirings.values()
        variables = [(Phase.STORES, edit) for wiring in wirings for edit in variable_files(wiring)]
        return [*((Phase.KEYS, edit) for edit in data_files(wirings)), *variables]


def _relies_on(change: Edited) -> tuple[str, ...]:
    return change.relies_on if isinstance(change, SetContent) else ()
