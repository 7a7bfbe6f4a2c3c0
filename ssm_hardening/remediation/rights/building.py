"""From the findings about access to module calls: whose the object is comes first, then what it needs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ssm_hardening.comparison import Comparison
from ssm_hardening.model import LIVE, Account, Host, Role
from ssm_hardening.remediation.adoption.custody import Declared, Doubtful, Free, Theirs, custody_of
from ssm_hardening.remediation.cases import Case
from ssm_hardening.remediation.changes import phase_of_rule
from ssm_hardening.remediation.plan import ModuleCall
from ssm_hardening.remediation.rights import guardrails, hosts, network, nodes, operators
from ssm_hardening.remediation.rights.destinations import Contents, Destinations, Reader
from ssm_hardening.remediation.rights.result import Rights

RULES = frozenset({*nodes.RULES, *operators.RULES, *network.RULES, *guardrails.RULES, *hosts.RULES})
"""Rules about access that a module of ours closes, at least in some cases."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What the rights are built upon: one account, the calls there are already, and who else may own things.

    `written` is what edits write into documents, by address; `helped` are roles that lack rights which the plan's
    documents ask for.
    """

    account: Account
    comparison: Comparison
    calls: Sequence[ModuleCall]
    into: bool
    written: Mapping[str, Contents] = field(default_factory=dict)
    helped: Sequence[Role] = ()


def build_rights(cases: Sequence[Case], situation: Situation) -> Rights:
    """Return the calls that close the cases, all of one account; what they do not close are steps and questions."""
    rights = Rights()
    account, into = situation.account, situation.into
    free = [case for case in cases if _is_free(case, situation, rights)]
    used = Reader(account=account, calls=situation.calls, into=into).preferences(situation.written)
    _ask(used, rights)
    helped = [each for each in situation.helped if _may_help(each, situation)]
    hosts.Maker(account=account, calls=situation.calls, into=into, rights=rights).make(_of(free, hosts.RULES))
    of_nodes = nodes.Maker(account=account, used=used, into=into, rights=rights, changes=bool(situation.calls))
    of_nodes.make(_of(free, nodes.RULES), helped)
    operators.Maker(account=account, used=used, into=into, rights=rights).make(_of(free, operators.RULES))
    network.Maker(account=account, used=used, into=into, rights=rights).make(_of(free, network.RULES))
    guardrails.make(_of(free, guardrails.RULES), account, used, rights, into=into)
    _ask_about_nodes(rights)
    return rights


def _of(cases: Iterable[Case], rules: Sequence[str]) -> list[Case]:
    return [case for case in cases if case.finding.rule.id in rules]


def _is_free(case: Case, situation: Situation, rights: Rights) -> bool:
    """Say whether it may be changed here; else say whose it is, and what to change there."""
    if case.fact is None or case.account.source != LIVE or isinstance(case.fact, Host):
        return True
    match custody_of(case.fact, case.account, situation.comparison):
        case Free():
            return True
        case Declared(pair):
            declared = case.fact.address if pair.declared is None else f"{pair.declared.address} in {pair.root}"
            what = f"change {declared}, then apply it: {_message(case)}"
            _step(case, rights, what, "what code declares is changed in the code")
            return False
        case Theirs(who, where, why):
            what = f"{case.fact.address} belongs to {who}: change it {where}: {_message(case)}"
            _step(case, rights, what, f"what somebody else manages is never taken over ({why})")
            return False
        case Doubtful(question, why):
            rights.questions.append(question)
            _step(
                case, rights, f"{case.fact.address}: {_message(case)}", f"{why}; nothing is attached before it is known"
            )
            return False


def _may_help(role: Role, situation: Situation) -> bool:
    """Say whether the role may be given rights here."""
    live = situation.account.source == LIVE
    return not live or isinstance(custody_of(role, situation.account, situation.comparison), Free)


def _step(case: Case, rights: Rights, what: str, why: str) -> None:
    rule = case.finding.rule.id
    rights.step(phase_of_rule(rule), what=what, why=why, at=case.finding.verdict.at, rules=(rule,))


def _message(case: Case) -> str:
    return str(getattr(case.finding.verdict, "message", ""))


def _ask(used: Destinations, rights: Rights) -> None:
    for each in used.lacking():
        rights.questions.append(f"What is {each}? The rights of nodes are written without it until it is known.")


def _ask_about_nodes(rights: Rights) -> None:
    """Ask what a smaller role may lack: only what was observed stays."""
    swaps = [each for each in rights.calls if each.imports]
    if swaps:
        rights.questions.append(
            "Does anybody use Run Command, maintenance windows, Distributor or patching on these nodes? What "
            "associations show is kept; anything else is to be added to keep before canary_passed is true."
        )
