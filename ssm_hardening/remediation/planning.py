"""From an audit to a remediation: the one way from a failed verdict to the generated file.

1. A finding that is open becomes a `Case`: with its subject, and with its rule's row of the table (`remedies`).
2. `deciding` says what is done about it, as values: changes of code (`changes`), a step for a person, a subject to take
   over, a right to grant. It is pure, and done once.
3. Here all of that is put together, in this order, in one `Work`: changes of code become edits and needs of new parts
   (`edits`), what exists in the account is taken over (`adoption`), the calls for new parts are made (`calls`), and
   then those for rights, which hang on where recordings will go (`rights`).
4. `stages` sets all of it in the order of its phases: the plan. `secrecy` takes secrets out of it, `rendering` makes it
   files, `writing` writes them.

What a plan may write depends on the rights that it grants, and those on what it writes: step 3 is done, looked at as a
whole, and done again without what would refuse somebody (`withholding`). Pure but for reading the code.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from ssm_hardening.hcl import ast
from ssm_hardening.model import Account, Fact, Key
from ssm_hardening.remediation import advice
from ssm_hardening.remediation.adoption.building import Builder
from ssm_hardening.remediation.adoption.objects import Adoption, call_of
from ssm_hardening.remediation.advice import Proposal
from ssm_hardening.remediation.calls import CallMaker, Calls
from ssm_hardening.remediation.cases import Case, by_hand, facts, is_aside, of_another_place, together
from ssm_hardening.remediation.changes import ByHand, Edited, NeedPart, Part, Phase, relies_on
from ssm_hardening.remediation.deciding import (
    Action,
    AllAccounts,
    AskOwner,
    GiveRights,
    LeaveToPerson,
    TakeOver,
    compared,
    decided,
)
from ssm_hardening.remediation.edits import Editor
from ssm_hardening.remediation.effects.finding import find_lockouts
from ssm_hardening.remediation.objects import NotEditableError
from ssm_hardening.remediation.places import step_for
from ssm_hardening.remediation.plan import Edit, ManualStep, RemediationPlan, settled
from ssm_hardening.remediation.rights.building import Look, RightsRequest, grant
from ssm_hardening.remediation.rights.result import Rights
from ssm_hardening.remediation.stages import Gathered, Work, stages
from ssm_hardening.remediation.wiring import Wiring, data_files, find_call, new_preferences, variable_files
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
    aims, known = thresholds or Thresholds(), compared(audit, accounts)
    actions = decided(audit, accounts, aims, known)
    waiting = Waiting()
    while True:
        # Each turn leaves out more, so it ends.
        assembler = _Assembler(
            into=into, editor=Editor(read_file, everything), thresholds=aims, audit=audit, known=known, waiting=waiting
        )
        plan, found = assembler.assemble(actions)
        if found == waiting:
            return plan
        waiting = found


@dataclass(slots=True, kw_only=True)
class _Assembler:
    into: bool
    editor: Editor
    thresholds: Thresholds
    audit: Audit
    known: AllAccounts
    waiting: Waiting
    calls: dict[str, tuple[ast.SourceFile, ast.Block]] = field(default_factory=dict)
    work: Work = field(default_factory=Work)

    def _change(self, case: Case, actions: Sequence[Action]) -> None:
        """Make the changes of code that close one finding, or say who must."""
        changes, waiting = withhold(actions, case.finding.root, case.rule, self.waiting.withheld)
        for phase, step in waiting:
            self.work.step(step, phase)
        self._steps(case, changes)
        edits = [each for each in changes if isinstance(each, Edited)]
        needs = [each.part for each in changes if isinstance(each, NeedPart)]
        if needs and not self._may_have_modules(case):
            return
        self._need(case, needs)
        if edits and not self._edit(case, edits):
            return
        if (edits or needs) and not any(isinstance(each, ByHand) for each in changes):
            self.work.targets.append(case.target)

    def _need(self, case: Case, parts: Iterable[Part]) -> None:
        for part in parts:
            self.work.needs.setdefault(part, set()).add(case.rule)
        if Part.PREFERENCES in parts and not case.failed:
            self.work.asks_owner = True

    def _may_have_modules(self, case: Case) -> bool:
        """Allow modules for one root only: they are made for one account and Region."""
        root = self.known.place_of(case)
        aside = is_aside(case, self.known.accounts)
        if not aside and self.work.module_root in (None, root):
            self.work.module_root = root
            self.work.home = self.known.account_at(root) or case.account
            return True
        self.work.step(of_another_place(case, aside=aside), Phase.KEYS)
        return False

    def _steps(self, case: Case, actions: Sequence[Action]) -> None:
        """Take the steps that are a person's."""
        for each in actions:
            match each:
                case ByHand(what=what, why=why, at=at, phase=phase, lines=lines):
                    step = ManualStep(what=what, why=why, at=str(at), closes=(case.rule,), lines=lines)
                    self.work.step(step, phase)
                case LeaveToPerson() if not case.live:
                    self.work.step(by_hand(case), case.remedy.phase)
                case _:
                    continue

    def _edit(self, case: Case, edits: Sequence[Edited]) -> bool:
        """Make the edits of one finding, or hand all of them to a person."""
        root = case.finding.root
        wiring = self.work.wirings.setdefault(root, Wiring(root, self.into, self._find_call))
        obstacle = self._obstacle(case, edits, wiring)
        if obstacle is None:
            self.work.note(root, edits, case.remedy.effect)
            return True
        self.work.unchanged |= {each.fact.address for each in edits}
        for change in edits:
            self.work.step(*step_for(change, wiring, obstacle, case.rule))
        return False

    def _obstacle(self, case: Case, edits: Sequence[Edited], wiring: Wiring) -> str | None:
        """Make the edits; return why they cannot be made, where that is so."""
        blocked = next((name for each in edits for name in relies_on(each) if name in self.work.unchanged), None)
        if blocked is not None:
            return f"{blocked} must be changed before this"
        try:
            self.editor.add(edits, case.rule, wiring)
        except NotEditableError as reason:
            return str(reason)
        return None

    def _find_call(self, fact: Fact) -> str:
        """Return a name for the call of the module that declares the fact. Raises NotEditableError."""
        file, block = find_call(fact, self.known.accounts, self.editor.file)
        name = f"{file.path}:{block.span.line}"
        self.calls[name] = (file, block)
        return name

    def _adopt(self, actions: Sequence[tuple[Case, Sequence[Action]]]) -> Adoption:
        """Take over what exists in the account and in nobody's code, as far as its findings ask for it."""
        free = [case for case, found in actions if TakeOver() in found]
        cases = [case for case in self.known.worst_first(free) if self._may_have_modules(case)]
        adoption = Adoption(needs=self.work.needs)
        if cases:
            builder = Builder(
                account=cases[0].account,
                comparison=self.known.comparison,
                thresholds=self.thresholds,
                into=self.into,
                withheld=self.waiting.withheld,
                needs=self.work.needs,
            )
            adoption = builder.build(cases)
            builder.aim_at_defaults(self.audit, cases)
            self.work.needs = adoption.needs
        return adoption

    def _in_account(self, actions: Sequence[tuple[Case, Sequence[Action]]]) -> Adoption:
        """Do what is to be done about findings on live accounts, whose steps come after those of code."""
        adoption = self._adopt(actions)
        left: dict[tuple[str, str], list[Case]] = {}
        for case, found in actions:
            self._steps(case, found)
            if LeaveToPerson() in found:
                left.setdefault((case.rule, case.finding.root), []).append(case)
        for cases in left.values():
            several_keys = len(cases) > 1 and isinstance(cases[0].fact, Key)
            self.work.step(together(cases), Phase.KEYS if several_keys else cases[0].remedy.phase)
        for phase, step in adoption.steps:
            self.work.step(step, phase)
        self.work.settings |= adoption.settings
        self.work.effects |= adoption.effects
        self.work.targets += adoption.targets
        self.work.served |= {group.address: group for group in adoption.served}
        return adoption

    def _granted(self, cases: Sequence[Case], adoption: Adoption) -> tuple[Rights, Calls, Adoption]:
        """Return the rights, and the calls that there are then: no document comes before the rights it asks for."""
        request = RightsRequest(
            into=self.into,
            may=self._may_have_modules,
            account=self.work.home or self._home_of_helped(),
            written=self.work.written,
            helped=self.waiting.helped,
            comparison=self.known.comparison,
        )
        rights, calls, adoption = grant(cases, self._calls(adoption), adoption, request)
        for phase, step in rights.steps:
            self.work.step(step, phase)
        return rights, calls, adoption

    def _all_edits(self) -> list[tuple[Phase, Edit]]:
        """Return the edits, those of calls that hand a value on included, and the new files that they need."""
        wirings = self.work.wirings.values()
        for passed in (each for wiring in wirings for each in wiring.passed.values()):
            self.editor.feed(passed, self.calls.__getitem__)
        data = ((Phase.KEYS, edit) for edit in data_files(wirings))
        variables = ((Phase.STORES, edit) for wiring in wirings for edit in variable_files(wiring))
        return [*self.editor.edits(), *data, *variables]

    def assemble(self, actions: Sequence[tuple[Case, Sequence[Action]]]) -> tuple[RemediationPlan, Waiting]:
        """Return the stages with everything that was gathered, and what a plan must leave out that refuses nobody."""
        for case, found in actions:
            if not case.live:
                self._change(case, found)
        live = [(case, found) for case, found in actions if case.live]
        adoption = self._in_account(live)
        to_grant = [case for case, found in actions if GiveRights() in found]
        rights, calls, adoption = self._granted(to_grant, adoption)
        for each in self._off():
            self.work.step(each.step((each.rule,)), Phase.PREFERENCES)
        gathered = Gathered(calls, adoption, rights, self._all_edits(), self.work.manual)
        picture = self.work.picture(off=(each.key for each in self._off()))
        handed = [each for wiring in self.work.wirings.values() for each in wiring.handovers.values()]
        variables = {each.name: each for each in calls.variables} | adoption.variables | rights.variables
        if self.into:
            variables |= {each.variable.name: each.variable for each in handed}
        questions = (
            *(each.question for _, found in live for each in found if isinstance(each, AskOwner)),
            *adoption.questions,
            *rights.questions,
            *advice.role_questions(calls.calls),
            *advice.questions(
                picture,
                asks_owner=self.work.asks_owner,
                has_own_root=not self.into and bool(calls.calls or adoption.calls),
            ),
        )
        plan = RemediationPlan(
            stages=tuple(stages(gathered, picture)),
            variables=tuple(variables.values()),
            lockouts=find_lockouts(self._proposal(gathered, picture)),
            questions=tuple(dict.fromkeys(questions)),
            costs=(*advice.costs(picture.parts), *rights.costs),
            targets=tuple(sorted({*self.work.targets, *rights.targets})),
            proved=tuple(sorted(set(rights.proved))),
            handovers=() if self.into else tuple(handed),
            into=self.into,
            stands_for=tuple(sorted(set(adoption.stands_for))),
            held=tuple(sorted({each.held() for each in self.waiting.withheld.values()})),
        )
        honest = settled(plan, (each.label for each in adoption.calls))
        return honest, self._look(plan, adoption).after(self.waiting)

    def _look(self, plan: RemediationPlan, adoption: Adoption) -> Look:
        return Look(
            accounts=self.known.accounts,
            home=self.work.home,
            comparison=self.known.comparison,
            calls=plan.modules,
            adopted=adoption.calls,
            written=self.work.written,
            into=self.into,
        )

    def _home_of_helped(self) -> Account | None:
        """Return the account of the roles that are to be given rights, where no module is made for one yet."""
        roots = {root for root, _ in self.waiting.helped}
        return next((each for each in self.known.accounts if each.root in roots), None)

    def _off(self) -> tuple[Withheld, ...]:
        """Return what new preferences leave off."""
        made = new_preferences(into=self.into)
        return tuple(each for each in self.waiting.withheld.values() if each.document == made)

    def _proposal(self, gathered: Gathered, picture: advice.Picture) -> Proposal:
        calls = (*(call for _, call in gathered.calls.calls), *map(call_of, gathered.adoption.calls))
        steps = tuple(step for _, step in gathered.manual)
        return Proposal(picture=picture, calls=calls, steps=steps, accounts=self.known.accounts)

    def _calls(self, adoption: Adoption) -> Calls:
        triggers = {part: frozenset(rules) for part, rules in self.work.needs.items()}
        served = tuple(group for _, group in sorted(self.work.served.items()))
        maker = CallMaker(
            into=self.into,
            thresholds=self.thresholds,
            triggers=triggers,
            served=served,
            given=adoption.given,
            node_roles=self.known.node_roles(self.work.module_root),
            off=self._off(),
        )
        return maker.make()
