"""From the findings that may be remedied in the account to calls and imports: stores first, documents upon them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from ssm_hardening.core.logic import known_or
from ssm_hardening.judge.comparison import Comparison
from ssm_hardening.model import PREFERENCES_NAME, Account, LogBucket, LogGroup, SessionDocument
from ssm_hardening.remediation.adoption.documents import DocumentRequest, adopt_document
from ssm_hardening.remediation.adoption.objects import (
    Adopted,
    Adoption,
    NotAdoptableError,
    further_label,
    live_settings_of,
)
from ssm_hardening.remediation.adoption.stores import StoreBuilder
from ssm_hardening.remediation.cases import Aspect, Case
from ssm_hardening.remediation.changes import (
    ByHand,
    Change,
    FromOwner,
    NeedPart,
    New,
    Output,
    Part,
    Phase,
    Plain,
    RemoveArgument,
    SetContent,
    is_preferences,
    relies_on,
)
from ssm_hardening.remediation.deciding import change_in_words, changes_of
from ssm_hardening.remediation.plan import Aim, FromExpression, FromVariable, ModuleInput, StandsFor, Variable
from ssm_hardening.remediation.remedies import REMEDIES
from ssm_hardening.remediation.wiring import PREFIX, label, new_preferences, output, run_as_variable
from ssm_hardening.remediation.withholding import Withholding, withhold
from ssm_hardening.verdicts.findings import Audit, Failed
from ssm_hardening.verdicts.standards import Thresholds

_OUTPUTS = {Output.BUCKET_NAME: "log_bucket", Output.KEY_PREFIX: "log_bucket", Output.GROUP_NAME: "log_group"}


@dataclass(slots=True)
class _Asked:
    """What the findings on one document ask of it."""

    document: SessionDocument
    changes: list[tuple[Case, tuple[Change, ...]]] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Builder:
    """Builds the adoption of one account. `needs` are new parts that code asks for already."""

    account: Account
    comparison: Comparison
    thresholds: Thresholds
    into: bool
    withheld: Withholding
    needs: Mapping[Part, set[str]]
    adoption: Adoption = field(default_factory=Adoption)
    documents: dict[str, _Asked] = field(default_factory=dict)
    stores: StoreBuilder = field(init=False)

    def __post_init__(self) -> None:
        """Prepare the builder of stores."""
        self.stores = StoreBuilder(
            account=self.account,
            comparison=self.comparison,
            thresholds=self.thresholds,
            into=self.into,
            adoption=self.adoption,
        )

    def build(self, cases: Sequence[Case]) -> Adoption:
        """Take over what the cases are about."""
        for part, rules in self.needs.items():
            self.adoption.needs.setdefault(part, set()).update(rules)
        for case in cases:
            self._sort(case)
        adoptable = [each for each in self.documents.values() if self._may(each)]
        for asked in adoptable:
            self._need(asked)
        self.stores.build(next((each.document for each in adoptable if is_preferences(each.document)), None))
        for asked in adoptable:
            self._document(asked)
        self._targets(cases)
        return self.adoption

    def _sort(self, case: Case) -> None:
        changes, waiting = withhold(changes_of(case), self.account.root, case.rule, self.withheld)
        self.adoption.steps += waiting
        aspect, only_by_hand = case.remedy.aspect, all(isinstance(each, ByHand) for each in changes)
        match case.fact:
            case LogBucket() if aspect is not None:
                self.stores.ask(case.fact, aspect, case)
            case LogGroup():
                if not only_by_hand and aspect is not None:
                    self.stores.ask(case.fact, aspect, case)
                self._by_hand(case, changes)
            case SessionDocument() as document if not only_by_hand:
                self.documents.setdefault(document.address, _Asked(document)).changes.append((case, changes))
            case None:
                for change in changes:
                    if isinstance(change, NeedPart):
                        self.adoption.needs.setdefault(change.part, set()).add(case.rule)
                self.adoption.targets.append(case.target)
            case _:
                self._by_hand(case, changes)

    def _by_hand(self, case: Case, changes: Sequence[Change]) -> None:
        for each in changes:
            if isinstance(each, ByHand):
                self.adoption.step(each.phase, what=each.what, why=each.why, at=each.at, rules=(case.rule,))

    def _may(self, asked: _Asked) -> bool:
        """Say whether the document can be taken over; hand its findings to a person where it cannot."""
        try:
            self._adopted(asked, "session_preferences", lambda _: True)
        except NotAdoptableError as reason:
            for case, changes in asked.changes:
                self._blocked(case, changes, f"not imported: {reason}")
            return False
        return True

    def _blocked(self, case: Case, changes: Sequence[Change], why: str) -> None:
        what = f"{case.finding.subject}: {change_in_words(case, changes)}"
        self.adoption.step(Phase.PREFERENCES, what=what, why=why, at=case.at, rules=(case.rule,))

    def _need(self, asked: _Asked) -> None:
        for case, changes in asked.changes:
            rule = case.rule
            for change in changes:
                match change:
                    case NeedPart(Part.LOGS_KEY) if not _makes_group(changes):
                        continue  # asked for with the group that is to get it
                    case NeedPart(part):
                        self.adoption.needs.setdefault(part, set()).add(rule)
                    case SetContent() | RemoveArgument() | ByHand():
                        pass
                    case _ if isinstance(change.fact, LogBucket):
                        self.stores.ask(change.fact, Aspect.ENCRYPTION, case)
                    case _ if isinstance(change.fact, LogGroup):
                        self.stores.ask(change.fact, Aspect.GROUP_KEY, case)
                    case _:
                        pass
            self._by_hand(case, changes)

    def _document(self, asked: _Asked) -> None:
        plain = label("session_preferences", into=self.into)
        name = plain
        if not is_preferences(asked.document):
            taken = {each.label: each for each in self.adoption.calls}
            called = str(known_or(asked.document.name, "document"))
            name = further_label("session_preferences", called, taken, into=self.into)
        adopted = self._adopted(asked, name, self._is_ready)
        self.adoption.calls.append(adopted)
        if any(isinstance(value, FromVariable) for value in adopted.inputs.values()):
            self.adoption.variables[self._run_as().name] = self._run_as()
        for case, changes in asked.changes:
            if not all(self._is_ready(each) for each in changes):
                waiting = ", ".join(name for each in changes for name in relies_on(each))
                self._blocked(case, changes, f"{waiting} must be changed before this")
                continue
            self.adoption.settings |= {each.path[-1] for each in changes if isinstance(each, SetContent)}
            self.adoption.effects.add(case.remedy.effect)

    def _is_ready(self, change: Change) -> bool:
        return not any(name in self.stores.unchanged for name in relies_on(change))

    def _adopted(self, asked: _Asked, name: str, is_ready: Callable[[Change], bool]) -> Adopted:
        """Return the call for a document, with the changes that are ready. Raises NotAdoptableError."""
        settings: dict[tuple[str, ...], ModuleInput] = {}
        closes: list[str] = []
        unshare = False
        for case, changes in asked.changes:
            if not all(is_ready(each) for each in changes):
                continue
            settings |= {each.path: self._value(each.value) for each in changes if isinstance(each, SetContent)}
            unshare = unshare or any(isinstance(each, RemoveArgument) for each in changes)
            if not all(isinstance(each, ByHand) for each in changes):
                closes.append(case.rule)
        request = DocumentRequest(
            label=name, settings=settings, closes=closes, unshare=unshare, stores=self.stores.stands
        )
        return adopt_document(asked.document, live_settings_of(self.account, asked.document), request)

    def _value(self, new: New) -> ModuleInput:
        match new:
            case Plain(value):
                return value
            case FromOwner():
                return FromVariable(self._run_as().name)
            case Output():
                named = f"{_OUTPUTS.get(new, 'session_keys')}.{new.value}"
                return self.adoption.given.get(named, FromExpression(output(new, into=self.into)))

    def _run_as(self) -> Variable:
        return run_as_variable(PREFIX if self.into else "")

    def _targets(self, cases: Sequence[Case]) -> None:
        """Name the verdicts that the calls are to turn: a store is judged where a document of ours names it."""
        calls = {each.fact.address: each for each in self.adoption.calls}
        root = self.account.root
        self.adoption.stands_for += [StandsFor(each.address, root, address) for address, each in calls.items()]
        named = {id(value) for each in calls.values() for value in each.inputs.values()}
        for case in cases:
            adopted = calls.get(case.finding.subject)
            if adopted is None or case.rule not in adopted.closes:
                continue
            stand = next((value for value in self.stores.stands.values() if _means(value, adopted)), None)
            if isinstance(adopted.fact, SessionDocument) or id(stand) in named:
                self.adoption.targets.append(case.target)

    def aim_at_defaults(self, audit: Audit, cases: Sequence[Case]) -> None:
        """Let the new preferences stand for those that AWS applies where there are none, and turn their verdicts.

        What fails on while a switch waits for rights is no aim.
        """
        roots = {case.finding.root for case in cases if case.remedy.makes_preferences}
        document = new_preferences(into=self.into)
        off = {each.rule for each in self.withheld.values() if each.document == document}
        for finding in audit.findings:
            defaults = finding.subject.endswith(f":document/{PREFERENCES_NAME}") and finding.root in roots
            aimed = REMEDIES[finding.rule.id].code is not None and finding.rule.id not in off
            if defaults and aimed and isinstance(finding.verdict, Failed):
                self.adoption.targets.append(Aim(finding.rule.id, finding.root, finding.subject))
                self.adoption.stands_for.append(StandsFor(document, finding.root, finding.subject))


def _means(value: ModuleInput, adopted: Adopted) -> bool:
    return isinstance(value, FromExpression) and value.expression.startswith(f"module.{adopted.label}.")


def _makes_group(changes: Sequence[Change]) -> bool:
    return any(isinstance(each, NeedPart) and each.part is Part.GROUP for each in changes)
