"""From the findings about access to module calls: whose the object is comes first, then what it needs."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ssm_hardening.judge.comparison import Comparison
from ssm_hardening.model import LIVE, Account, Group, Host, Policy, Role, User
from ssm_hardening.model.identity import is_only_named
from ssm_hardening.remediation.adoption.objects import (
    Adopted,
    Adoption,
    Declared,
    Doubtful,
    Free,
    Theirs,
    call_of,
    owner_of,
)
from ssm_hardening.remediation.calls import Calls
from ssm_hardening.remediation.cases import Case, there
from ssm_hardening.remediation.plan import ModuleCall
from ssm_hardening.remediation.remedies import RIGHTS
from ssm_hardening.remediation.rights.destinations import Contents, Destinations, Reader
from ssm_hardening.remediation.rights.planned import PlannedDocument, of_call, of_code
from ssm_hardening.remediation.rights.refusals import Refusals
from ssm_hardening.remediation.rights.result import Making, Rights
from ssm_hardening.remediation.withholding import Waiting

_DOCUMENT = "session-preferences"


@dataclass(frozen=True, slots=True, kw_only=True)
class RightsRequest:
    """What is asked of the rights.

    `may` says whether modules may be made for the place of a case, and leaves a step where not; `account` is the one
    that they are made for so far. `written` is what edits write into documents, by root and address; `helped` are
    roles that lack rights which documents of the plan ask for.
    """

    into: bool
    may: Callable[[Case], bool]
    account: Account | None
    written: Mapping[tuple[str, str], Contents]
    helped: frozenset[tuple[str, str]]
    comparison: Comparison


def grant(
    asked: Sequence[Case], calls: Calls, adoption: Adoption, request: RightsRequest
) -> tuple[Rights, Calls, Adoption]:
    """Return the rights, and the calls with what depends on them: no document comes before the rights it asks for."""
    cases = [case for case in sorted(asked, key=_worst_first) if request.may(case)]
    account = cases[0].account if cases else request.account
    helped = () if account is None else [e for e in account.roles if (account.root, e.address) in request.helped]
    if account is None or not (cases or helped):
        return Rights(), calls, adoption
    there_are = [*(call for _, call in calls.calls), *map(call_of, adoption.calls)]
    rights = _rights(cases, helped, account, there_are, request)
    first = tuple(f"module.{each.call.label}" for each in rights.calls if each.first)
    waiting = ((phase, _after(call, first)) for phase, call in calls.calls)
    adoption.calls = [replace(each, depends_on=first) if each.module == _DOCUMENT else each for each in adoption.calls]
    added = ((each.phase, each.call) for each in rights.calls)
    return rights, replace(calls, calls=(*waiting, *added)), adoption


def _worst_first(case: Case) -> tuple[int, str, str]:
    return case.finding.severity.rank, case.rule, case.finding.subject


def _after(call: ModuleCall, first: tuple[str, ...]) -> ModuleCall:
    return replace(call, depends_on=first) if call.module == _DOCUMENT else call


def _rights(
    cases: Sequence[Case],
    helped: Sequence[Role],
    account: Account,
    calls: Sequence[ModuleCall],
    request: RightsRequest,
) -> Rights:
    """Return the calls that close the cases, all of one account; what they do not close are steps and questions."""
    rights, comparison = Rights(), request.comparison
    free = [case for case in cases if _is_free(case, comparison, rights)]
    written = {address: each for (root, address), each in request.written.items() if root == account.root}
    used = Reader(account=account, calls=calls, into=request.into).preferences(written)
    making = Making(
        account=account,
        used=used,
        calls=calls,
        into=request.into,
        helped=[role for role in helped if _may_help(role, account, comparison)],
        rights=rights,
    )
    if making.helped or any(isinstance(case.fact, Role) for case in free):
        _ask(used, rights)
    for make in RIGHTS:
        make([case for case in free if case.remedy.rights is make], making)
    _ask_about_nodes(rights)
    return rights


def _why_left(case: Case) -> str:
    """Return why a person changes what no module is made for: principals made elsewhere, and policies by themselves."""
    match case.fact:
        case Role() | User() | Group() as fact if is_only_named(fact):
            return "this code does not create the principal: narrow the policy here that grants this, or detach it"
        case Policy():
            return "nobody has the policy: narrow it before it is attached, or delete it if it is not needed"
        case _:
            return ""


def _is_free(case: Case, comparison: Comparison, rights: Rights) -> bool:
    """Say whether it may be changed here; else say whose it is, and what to change there."""
    left = _why_left(case)
    if left:
        rights.by_hand(case, left)
        return False
    if case.fact is None or not case.live or isinstance(case.fact, Host):
        return True
    match owner_of(case.fact, case.account, comparison):
        case Free():
            return True
        case Declared(pair):
            declared = case.fact.address if pair.declared is None else f"{pair.declared.address} in {pair.root}"
            what = f"change {declared}, then apply it: {case.message}"
            _step(case, rights, what, "the code declares it, so change the code")
            return False
        case Theirs(who, where, why):
            what = f"{who} manages {case.fact.address}; change it {where}: {case.message}"
            _step(case, rights, what, f"resources that someone else manages are never imported ({why})")
            return False
        case Doubtful(question, why):
            rights.questions.append(question)
            _step(
                case, rights, f"{case.fact.address}: {case.message}", f"nothing is attached until this is known: {why}"
            )
            return False


def _may_help(role: Role, account: Account, comparison: Comparison) -> bool:
    """Say whether the role may be given rights here."""
    return account.source != LIVE or isinstance(owner_of(role, account, comparison), Free)


def _step(case: Case, rights: Rights, what: str, why: str) -> None:
    rights.step(case.remedy.phase, what=what, why=why, at=case.at, rules=(case.rule,))


def _ask(used: Destinations, rights: Rights) -> None:
    for each in used.lacking():
        rights.questions.append(f"What is {each}? Until it is known, node permissions do not cover it.")


def _ask_about_nodes(rights: Rights) -> None:
    """Ask what a smaller role may lack: only what was observed stays."""
    swaps = [each for each in rights.calls if each.imports]
    if swaps:
        rights.questions.append(
            "Does anyone use Run Command, maintenance windows, Distributor, or patching on these nodes? The features "
            "that associations show are kept. Add any others to keep before you set canary_passed to true."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What is looked at: the accounts, `home` as the one that modules are made for, and all that the plan does.

    `written` is what edits write into documents, by root and address; `adopted` are what calls take over.
    """

    accounts: Sequence[Account]
    home: Account | None
    comparison: Comparison
    calls: Sequence[ModuleCall]
    adopted: Sequence[Adopted]
    written: Mapping[tuple[str, str], Contents]
    into: bool

    def after(self, waiting: Waiting) -> Waiting:
        """Return what a plan must heed beside that, so that nobody is refused; the same where this one refuses none."""
        for account in self.accounts:
            documents = tuple(self._documents(account))
            if not documents:
                continue
            roles = tuple(self._roles(account))
            found = Refusals(account=account, roles=roles, calls=self.calls, into=self.into).find(documents)
            helped = (
                (account.root, each.address) for each in found.helped if account is self.home or self.home is None
            )
            waiting = waiting.and_then(found.withheld, helped)
        return waiting

    def _documents(self, account: Account) -> Iterator[PlannedDocument]:
        reader = Reader(account=account, calls=self.calls, into=self.into)
        for document in account.session_documents:
            written = self.written.get((account.root, document.address))
            if written:
                yield of_code(document, written, reader)
        if account is self.home:
            taken = {each.label: each for each in self.adopted}
            made = (each for each in self.calls if each.module == "session-preferences")
            yield from (of_call(each, taken.get(each.label), reader) for each in made)

    def _roles(self, account: Account) -> Iterator[Role]:
        """Yield the roles of the account: IAM knows no Region, and code is no list of all that the account has."""
        found: dict[str, Role] = {}
        for other in self.accounts:
            if other.root == account.root:
                found |= {each.address: each for each in there(other.roles)}
        if account.source != LIVE and self.home is not None and self.home.source == LIVE:
            undeclared = (each for each in there(self.home.roles) if self._is_undeclared(each, self.home))
            found |= {each.address: each for each in undeclared}
        yield from found.values()

    def _is_undeclared(self, role: Role, account: Account) -> bool:
        pair = self.comparison.of_deployed(role, account.root)
        return pair is None or pair.declared is None
