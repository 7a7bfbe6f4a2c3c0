"""Findings on a live account, one by one: who may remedy them, and by what."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ssm_hardening.core.values import Absent, Known, Unknown
from ssm_hardening.judge.comparison import Comparison, Pair, Standing, compare, same_place
from ssm_hardening.model import LIVE, PREFERENCES_NAME, Account, Fact, Key, Role
from ssm_hardening.remediation.adoption.keys import key_steps
from ssm_hardening.remediation.adoption.ownership import Declared, Doubtful, Free, Theirs, custody_of
from ssm_hardening.remediation.adoption.result import Adoption
from ssm_hardening.remediation.cases import Case
from ssm_hardening.remediation.changes import Phase, SetContent, phase_of_rule
from ssm_hardening.remediation.describing import by_hand, set_to
from ssm_hardening.remediation.plan import ModuleCall, StandsFor, Target
from ssm_hardening.remediation.remedies import ALSO_UNDECIDED, REMEDIES
from ssm_hardening.remediation.rights.building import RULES as RIGHTS
from ssm_hardening.remediation.wiring import label
from ssm_hardening.verdicts.findings import Audit, Failed, Passed, Undecided, Verdict


def node_roles(account: Account) -> tuple[str, ...]:
    """Return the ARNs of the node roles; none unless all of them are known, so that no node is left out unseen."""
    if account.roles.gap is not None or account.instances.gap is not None:
        return ()
    roles = [role for role in account.roles.items if _is(role, "node")]
    if not all(_exists(role) for role in roles) or any(_kind_unknown(role) for role in account.roles.items):
        return ()
    return tuple(sorted(role.address for role in roles if role.address.startswith("arn:")))


def _is(role: Role, kind: str) -> bool:
    return isinstance(role.kind, Known) and role.kind.value == kind


def _kind_unknown(role: Role) -> bool:
    return isinstance(role.kind, Unknown)


def _exists(role: Role) -> bool:
    match role.exists:
        case Known(flag):
            return flag
        case Absent() | Unknown():
            return False


def role_questions(calls: Iterable[tuple[Phase, ModuleCall]]) -> Iterator[str]:
    """Yield the question that a list of today's node roles leaves open: a node that it lacks opens no session."""
    for _, call in calls:
        roles = call.inputs.get("node_role_arns")
        if isinstance(roles, list):
            names = ", ".join(arn.rpartition("/")[2] for arn in roles)
            yield f"Will nodes run with other roles than {names} (autoscaling groups, launch templates, other Regions)?"
            return


_SHOWN = 3


@dataclass(slots=True)
class LivePlanner:
    """Takes the findings on live accounts; `free` are those that may be remedied here.

    `access` are those about rights and reach, which modules beside the recording close.
    """

    audit: Audit
    accounts: Sequence[Account]
    comparison: Comparison = field(init=False)
    verdicts: Mapping[tuple[str, str, str], Verdict] = field(init=False)
    adoption: Adoption = field(default_factory=Adoption)
    free: list[Case] = field(default_factory=list)
    others: dict[tuple[str, str], list[Case]] = field(default_factory=dict)
    access: list[Case] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Compare code and account once."""
        self.comparison = compare(self.accounts)
        self.verdicts = {(each.rule.id, each.root, each.subject): each.verdict for each in self.audit.findings}

    def is_live(self, case: Case) -> bool:
        """Say whether the finding is on a live account."""
        return case.account.source == LIVE

    def place_of(self, case: Case) -> str:
        """Return what modules would be made for: code that is meant for the one live account shares its place."""
        live = [each for each in self.accounts if each.source == LIVE]
        account = case.account
        if account.source != LIVE and len(live) == 1:
            shared = same_place(account, live[0], "session_documents", alone=True)
            account = live[0] if shared is not False else account
        region = str(account.region.value) if isinstance(account.region, Known) else ""
        return f"{account.root} {region}"

    def node_roles(self, place: str | None) -> tuple[str, ...]:
        """Return the roles of the nodes of the live account that modules are made for, where all are known."""
        account = self.account_at(place or "")
        return () if account is None else node_roles(account)

    def account_at(self, place: str) -> Account | None:
        """Return the live account at a place."""
        regions = {each.root: each for each in self.accounts if each.source == LIVE}
        return regions.get(place.partition(" ")[0])

    def worst_first(self) -> list[Case]:
        """Return what may be remedied here, the place with the worst failures first, then the one with the most."""
        places: dict[str, list[Case]] = {}
        for case in self.free:
            places.setdefault(self.place_of(case), []).append(case)
        ranked = sorted(
            places.values(), key=lambda cases: (min(each.finding.severity.rank for each in cases), -len(cases))
        )
        return [case for cases in ranked for case in cases]

    def answers(self, case: Case) -> bool:
        """Say whether a live account tells what code leaves open: whether there are preferences at all."""
        live = [each for each in self.accounts if each.source == LIVE]
        places = (same_place(case.account, each, "session_documents", alone=len(live) == 1) for each in live)
        return case.finding.rule.id == "PREF-01" and not case.failed and any(each is not False for each in places)

    def take(self, case: Case) -> None:
        """Sort one failure: free to be remedied here, or a step for somebody."""
        if not case.failed:
            return
        rule = case.finding.rule.id
        if rule in RIGHTS:
            self.access.append(case)
        elif rule not in REMEDIES:
            self.others.setdefault((rule, case.finding.root), []).append(case)
        elif case.fact is None:
            self._absent(case)
        else:
            self._take_fact(case, case.fact)

    def _take_fact(self, case: Case, fact: Fact) -> None:
        custody = custody_of(fact, case.account, self.comparison)
        match custody:
            case Free():
                if isinstance(fact, Key):
                    self.adoption.steps += [(Phase.KEYS, step) for step in key_steps(case, fact)]
                else:
                    self.free.append(case)
            case Declared(pair):
                self._declared(case, pair)
            case Theirs(who, where, why):
                what = f"{fact.address} belongs to {who}: change it {where}: {_change(case)}"
                self._step(case, what, f"what somebody else manages is never taken over ({why})")
            case Doubtful(question, why):
                self.adoption.questions.append(question)
                self._step(
                    case, f"{fact.address}: {_change(case)}", f"{why}; it is not taken over before that is known"
                )

    def _step(self, case: Case, what: str, why: str) -> None:
        phase = Phase.KEYS if isinstance(case.fact, Key) else phase_of_rule(case.finding.rule.id)
        self.adoption.step(phase, what=what, why=why, at=case.finding.verdict.at, rules=(case.finding.rule.id,))

    def _declared(self, case: Case, pair: Pair) -> None:
        """Leave a gap to the code: it fails and is edited, or it is right and not applied."""
        declared = pair.declared
        if declared is None:
            return
        verdict = self.verdicts.get((case.finding.rule.id, pair.root, declared.address))
        match verdict:
            case Failed():
                return
            case Undecided() if case.finding.rule.id in ALSO_UNDECIDED:
                return
            case Passed(at):
                what = (
                    f"apply the code: {declared.address} is declared right at {at}, and not deployed: {_message(case)}"
                )
                self._step(case, what, "what code declares is changed by applying the code")
            case _:
                what = f"look at {declared.address} in {pair.root} ({declared.origin}), then apply it: {_change(case)}"
                self._step(case, what, "the code declares it, and does not tell this setting by itself")

    def _absent(self, case: Case) -> None:
        """Make what is nowhere, unless code declares it and was not applied."""
        declared = next(self._undeployed(case), None)
        if declared is None:
            self.free.append(case)
            return
        what = f"apply the code: {declared.address} is declared at {declared.origin}, and not deployed"
        self._step(case, what, "what code declares is made by applying the code")

    def _undeployed(self, case: Case) -> Iterator[Fact]:
        code = {account.root: account for account in self.accounts if account.source != LIVE}
        for pair in self.comparison.pairs:
            if pair.kind != "session_documents" or pair.standing is not Standing.DECLARED_ONLY or pair.declared is None:
                continue
            named = isinstance(pair.declared.name, Known) and pair.declared.name.value == PREFERENCES_NAME
            here = same_place(code[pair.root], case.account, pair.kind, alone=True)
            if named and here is not False:
                yield pair.declared

    def aim_at_defaults(self, cases: Sequence[Case], *, into: bool, off: Collection[str]) -> None:
        """Let the new preferences stand for those that AWS applies where there are none, and turn their verdicts.

        `off` are the rules that go on failing, since a switch waits for rights.
        """
        roots = {case.finding.root for case in cases if case.finding.rule.id == "PREF-01"}
        document = f"module.{label('session_preferences', into=into)}.aws_ssm_document.this"
        aimed = REMEDIES.keys() - set(off)
        for finding in self.audit.findings:
            defaults = finding.subject.endswith(f":document/{PREFERENCES_NAME}") and finding.root in roots
            if defaults and isinstance(finding.verdict, Failed) and finding.rule.id in aimed:
                self.adoption.targets.append(Target(finding.rule.id, finding.root, finding.subject))
                self.adoption.stands_for.append(StandsFor(document, finding.root, finding.subject))

    def by_hand(self) -> None:
        """Turn findings without a remedy into steps, one for each rule and account."""
        for cases in self.others.values():
            step = by_hand(cases[0])
            if len(cases) == 1:
                self.adoption.steps.append((phase_of_rule(cases[0].finding.rule.id), step))
                continue
            shown = ", ".join(case.finding.subject for case in cases[:_SHOWN])
            rest = f" and {len(cases) - _SHOWN} more" if len(cases) > _SHOWN else ""
            what = f"{shown}{rest}: {_message(cases[0])}"
            self._step(cases[0], what, step.why)


def _message(case: Case) -> str:
    return str(getattr(case.finding.verdict, "message", ""))


def _change(case: Case) -> str:
    """Return what is to be changed, as far as the remedy says it in words, and what is wrong now."""
    changes = REMEDIES[case.finding.rule.id](case)
    sets = [set_to(each) for each in changes if isinstance(each, SetContent)]
    return f"{', '.join(sets)} ({_message(case)})" if sets else _message(case)
