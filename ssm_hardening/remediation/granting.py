"""Where the rights join the rest of a remediation: for the one place that modules are made for."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ssm_hardening.model import Account, Role
from ssm_hardening.remediation.adoption.live import LivePlanner
from ssm_hardening.remediation.adoption.result import Adoption, call_of
from ssm_hardening.remediation.calls import Calls
from ssm_hardening.remediation.cases import Case
from ssm_hardening.remediation.changes import Phase
from ssm_hardening.remediation.plan import ModuleCall
from ssm_hardening.remediation.rights.building import Situation, build_rights
from ssm_hardening.remediation.rights.destinations import Contents
from ssm_hardening.remediation.rights.result import Rights

_FIRST = ("instance-role", "operator-role", "host-baseline")
"""What gives nodes and people the rights, and nodes the users, that a document asks for."""

_DOCUMENT = "session-preferences"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
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


def grant(live: LivePlanner, calls: Calls, adoption: Adoption, request: Request) -> tuple[Rights, Calls, Adoption]:
    """Return the rights, and the calls with what depends on them: no document comes before the rights it asks for."""
    cases = [case for case in sorted(live.access, key=_worst_first) if request.may(case)]
    account = cases[0].account if cases else request.account
    helped = () if account is None else tuple(_helped(account, request.helped))
    if account is None or not (cases or helped):
        return Rights(), calls, adoption
    situation = Situation(
        account=account,
        comparison=live.comparison,
        calls=[*(call for _, call in calls.calls), *map(call_of, adoption.calls)],
        into=request.into,
        written={address: each for (root, address), each in request.written.items() if root == account.root},
        helped=helped,
    )
    rights = build_rights(cases, situation)
    first = tuple(f"module.{each.call.label}" for each in rights.calls if each.call.module in _FIRST)
    waiting = tuple((phase, _after(call, first)) for phase, call in calls.calls)
    adoption.calls = [replace(each, depends_on=first) if each.module == _DOCUMENT else each for each in adoption.calls]
    return rights, replace(calls, calls=(*waiting, *_phased(rights))), adoption


def _helped(account: Account, wanted: frozenset[tuple[str, str]]) -> Iterator[Role]:
    yield from (each for each in account.roles if (account.root, each.address) in wanted)


def _worst_first(case: Case) -> tuple[int, str, str]:
    return case.finding.severity.rank, case.finding.rule.id, case.finding.subject


def _after(call: ModuleCall, first: Sequence[str]) -> ModuleCall:
    return replace(call, depends_on=tuple(first)) if call.module == _DOCUMENT else call


def _phased(rights: Rights) -> list[tuple[Phase, ModuleCall]]:
    return [(each.phase, each.call) for each in rights.calls]
