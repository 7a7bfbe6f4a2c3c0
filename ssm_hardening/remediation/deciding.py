"""What is to be done about a finding: what its row of the table says, or whose step it is. Pure: no file is read."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from ssm_hardening.access.placing import works_elsewhere
from ssm_hardening.core.logic import certainly, is_yes, known_or
from ssm_hardening.core.values import Unknown
from ssm_hardening.judge.comparison import Comparison, Drift, Pair, compare, same_place
from ssm_hardening.model import LIVE, Account, Fact, Key, Role
from ssm_hardening.model.facts import exists
from ssm_hardening.model.scope import region_of
from ssm_hardening.remediation.adoption.objects import Declared, Doubtful, Free, Theirs, owner_of
from ssm_hardening.remediation.cases import Case, named
from ssm_hardening.remediation.changes import ByHand, Change, Phase, SetContent, is_preferences, set_to
from ssm_hardening.remediation.keys import key_steps
from ssm_hardening.remediation.remedies import REMEDIES
from ssm_hardening.verdicts.findings import Audit, Crashed, Failed, Finding, NotApplicable, Passed, Undecided, Verdict
from ssm_hardening.verdicts.standards import Thresholds


@dataclass(frozen=True, slots=True)
class AskOwner:
    """Ask somebody before anything is done."""

    question: str


@dataclass(frozen=True, slots=True)
class LeaveToPerson:
    """Leave it to a person: the rule says why no change is made for it."""


@dataclass(frozen=True, slots=True)
class TakeOver:
    """Take over the subject, or make it where there is none: an object of the account that is in nobody's code."""


@dataclass(frozen=True, slots=True)
class GiveRights:
    """Let a module beside the recording close it: rights, reach, the inside of nodes, guardrails."""


Action: TypeAlias = Change | AskOwner | LeaveToPerson | TakeOver | GiveRights
"""What is done about one finding; a change is one of the code, or a step for a person."""


@dataclass(frozen=True, slots=True)
class AllAccounts:
    """What a finding is looked at beside: all accounts, code and live, how they compare, and every verdict."""

    accounts: Sequence[Account]
    comparison: Comparison
    verdicts: Mapping[tuple[str, str, str], Verdict]

    @property
    def live(self) -> list[Account]:
        """The live accounts."""
        return [each for each in self.accounts if each.source == LIVE]

    def place_of(self, case: Case) -> str:
        """Return what modules would be made for: code that is meant for the one live account shares its place."""
        account, live = case.account, self.live
        if not case.live and len(live) == 1:
            shared = same_place(account, live[0], "session_documents", alone=True)
            account = live[0] if shared is not False else account
        return f"{account.root} {known_or(account.region, '')}"

    def account_at(self, place: str) -> Account | None:
        """Return the live account at a place."""
        return {each.root: each for each in self.live}.get(place.partition(" ")[0])

    def node_roles(self, place: str | None) -> tuple[str, ...]:
        """Return the ARNs of the node roles of the live account that modules are made for.

        None unless all of them are known, so that no node is left out unseen.
        """
        account = self.account_at(place or "")
        if account is None or account.roles.gap is not None or account.instances.gap is not None:
            return ()
        roles = [each for each in account.roles if _is_of_nodes(each) and not is_yes(works_elsewhere(each, account))]
        if not all(is_yes(exists(role)) for role in roles) or any(isinstance(r.kind, Unknown) for r in account.roles):
            return ()
        return tuple(sorted(role.address for role in roles if role.address.startswith("arn:")))

    def worst_first(self, cases: Sequence[Case]) -> list[Case]:
        """Return findings, the place with the worst failures first, then the one with the most."""
        places: dict[str, list[Case]] = {}
        for case in cases:
            places.setdefault(self.place_of(case), []).append(case)
        ranked = sorted(places.values(), key=lambda each: (min(c.finding.severity.rank for c in each), -len(each)))
        return [case for each in ranked for case in each]


def _is_of_nodes(role: Role) -> bool:
    return certainly(role.kind, lambda kind: kind == "node")


def compared(audit: Audit, accounts: Sequence[Account]) -> AllAccounts:
    """Compare code and accounts once."""
    verdicts = {(each.rule.id, each.root, each.subject): each.verdict for each in audit.findings}
    return AllAccounts(accounts, compare(accounts), verdicts)


def decided(
    audit: Audit, accounts: Sequence[Account], thresholds: Thresholds, known: AllAccounts
) -> list[tuple[Case, tuple[Action, ...]]]:
    """Return every open finding with what is done about it, in the order in which they are taken."""
    found = sorted(_cases(audit, accounts, thresholds), key=lambda case: case.turn)
    return [(case, tuple(decide(case, known))) for case in found]


def _cases(audit: Audit, accounts: Sequence[Account], thresholds: Thresholds) -> Iterator[Case]:
    """Yield what is open: failed or undecided, and not waived."""
    by_root: dict[str, list[Account]] = {}
    for account in accounts:
        by_root.setdefault(account.root, []).append(account)
    for finding in audit.findings:
        if finding.waiver is None and _is_open(finding):
            for account, fact in _subjects(finding, by_root.get(finding.root, [])):
                yield Case(finding, account, fact, thresholds, REMEDIES[finding.rule.id])
                break


def _is_open(finding: Finding) -> bool:
    match finding.verdict:
        case Failed() | Undecided():
            return True
        case Passed() | NotApplicable() | Crashed():
            return False


def _subjects(finding: Finding, accounts: Sequence[Account]) -> Iterator[tuple[Account, Fact | None]]:
    # What belongs to an account as a whole is looked at where it was found first.
    region = finding.regions[0] if finding.regions else finding.region
    found = sorted(accounts, key=lambda account: region_of(account) != region)
    if finding.subject == "account":
        yield from ((account, None) for account in found if account.at == finding.origin)
        return
    yield from ((account, fact) for account in found for fact in named(account, finding.subject))
    if finding.rule.remedy is None:
        # A node, a session, an activation: the step is a person's, and needs no more than the finding.
        yield from ((account, None) for account in found)


def decide(case: Case, known: AllAccounts) -> Iterator[Action]:
    """Yield what is done about one finding: nothing, where it is not decided and its remedy does more than add."""
    if case.failed or _is_proposed_undecided(case, known):
        if case.remedy.rights is not None:
            yield GiveRights()
        elif case.remedy.code is None:
            yield LeaveToPerson()
        elif case.live:
            yield from _in_account(case, known)
        else:
            yield from case.remedy.code(case)


def _is_proposed_undecided(case: Case, known: AllAccounts) -> bool:
    """Say whether changes of code are proposed before it is decided; a live account may tell what code leaves open."""
    if case.live or case.remedy.undecided is None or not case.remedy.undecided(case):
        return False
    alone = len(known.live) == 1
    places = (same_place(case.account, each, "session_documents", alone=alone) for each in known.live)
    return not (case.remedy.makes_preferences and any(each is not False for each in places))


def _in_account(case: Case, known: AllAccounts) -> Iterator[Action]:
    """Yield what is done about an object of the account: taken over, left to its code, or to whose it is."""
    fact = case.fact
    if fact is None:
        yield from _absent(case, known)
        return
    match owner_of(fact, case.account, known.comparison):
        case Free():
            yield from key_steps(case, fact) if isinstance(fact, Key) else (TakeOver(),)
        case Declared(pair):
            yield from _declared(case, pair, known)
        case Theirs(who, where, why):
            what = f"{who} manages {fact.address}; change it {where}: {change_in_words(case, changes_of(case))}"
            yield _step(case, what, f"resources that someone else manages are never imported ({why})")
        case Doubtful(question, why):
            yield AskOwner(question)
            what = f"{fact.address}: {change_in_words(case, changes_of(case))}"
            yield _step(case, what, f"not imported: {why}")


def _step(case: Case, what: str, why: str) -> ByHand:
    phase = Phase.KEYS if isinstance(case.fact, Key) else case.remedy.phase
    return ByHand(what=what, why=why, at=case.at, phase=phase)


def _declared(case: Case, pair: Pair, known: AllAccounts) -> Iterator[ByHand]:
    """Leave a gap to the code: it fails and is edited, or it is right and not applied."""
    declared = pair.declared
    if declared is None:
        return
    match known.verdicts.get((case.rule, pair.root, declared.address)):
        case Failed():
            return
        case Undecided() if case.remedy.undecided is not None:
            return
        case Passed(at):
            what = f"apply the code: {declared.address} is correct at {at}, but is not deployed: {case.message}"
            yield _step(case, what, "applying the code makes the change")
        case _:
            where = f"{declared.address} in {pair.root} ({declared.origin})"
            what = f"check {where}, then apply it: {change_in_words(case, changes_of(case))}"
            yield _step(case, what, ("the code declares the resource, but this setting cannot be determined from it"))


def _absent(case: Case, known: AllAccounts) -> Iterator[Action]:
    """Make what is nowhere, unless code declares it and was not applied."""
    declared = next(_undeployed(case, known), None)
    if declared is None:
        yield TakeOver()
        return
    what = f"apply the code: {declared.address} is declared at {declared.origin}, but is not deployed"
    yield _step(case, what, "applying the code creates it")


def _undeployed(case: Case, known: AllAccounts) -> Iterator[Fact]:
    code = {account.root: account for account in known.accounts if account.source != LIVE}
    for pair in known.comparison.pairs:
        if pair.kind != "session_documents" or pair.standing is not Drift.DECLARED_ONLY or pair.declared is None:
            continue
        here = same_place(code[pair.root], case.account, pair.kind, alone=True)
        if is_preferences(pair.declared) and here is not False:
            yield pair.declared


def changes_of(case: Case) -> tuple[Change, ...]:
    """Return what is changed where the subject is declared, or taken over as if it were."""
    return () if case.remedy.code is None else tuple(case.remedy.code(case))


def change_in_words(case: Case, changes: Iterable[Change]) -> str:
    """Return what is to be changed, as far as the remedy says it in words, and what is wrong now."""
    sets = [set_to(each) for each in changes if isinstance(each, SetContent)]
    return f"{', '.join(sets)} ({case.message})" if sets else case.message
