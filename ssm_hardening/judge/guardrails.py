"""Which verdicts rest on service or resource control policies, and on which: each is named in the message.

The rules answer the same whatever denies a request. So they are asked once more as if no control policy bound the
account, and where the verdict is another one then, once for each policy as if it were the only one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ssm_hardening.access.guardrails import apart, bound_only_by, limits_anything
from ssm_hardening.core.errors import listed
from ssm_hardening.core.origins import Origin
from ssm_hardening.judge.engine import run
from ssm_hardening.model import Account, ControlPolicy
from ssm_hardening.rules.registry import AnyRule
from ssm_hardening.verdicts.findings import Audit, Failed, Finding, NotApplicable, Passed, Related
from ssm_hardening.verdicts.standards import Standard


def with_guardrails_named(
    audit: Audit, rules: Sequence[AnyRule], accounts: Sequence[Account], standard: Standard
) -> Audit:
    """Return the audit of these accounts, with the control policies named that passes and failures rest on."""
    if not any(map(limits_anything, accounts)):
        return audit

    def verdicts(title: str | None, asked: Sequence[AnyRule]) -> dict[tuple[str, ...], type]:
        freed = [
            bound_only_by(each, parts.get(title or "", ())) for each, parts in zip(accounts, policies, strict=True)
        ]
        return {_key(each): type(each.verdict) for each in run(asked, freed, standard).findings}

    policies = [apart(each) for each in accounts]
    free = verdicts(None, rules)
    resting = {
        _key(each): each
        for each in audit.findings
        if isinstance(each.verdict, Passed | Failed | NotApplicable)
        and free.get(_key(each), _otherwise(each)) is not type(each.verdict)
    }
    if not resting:
        return audit
    again = [rule for rule in rules if rule.info.id in {each.rule.id for each in resting.values()}]
    deciding: dict[tuple[str, ...], dict[str, Origin]] = {key: {} for key in resting}
    for title, origin in _origins(policies).items():
        alone = verdicts(title, again)
        for key, finding in resting.items():
            if alone.get(key) is type(finding.verdict):
                deciding[key][title] = origin
    return replace(audit, findings=tuple(_named(each, deciding.get(_key(each))) for each in audit.findings))


def _key(finding: Finding) -> tuple[str, ...]:
    return (finding.rule.id, finding.account or finding.root, finding.region, finding.subject)


def _otherwise(finding: Finding) -> type | None:
    """Return what a subject that only some control policies leave has without them.

    A rule that finds nobody it applies to says so of the account, and has other subjects where it finds somebody.
    """
    return None if isinstance(finding.verdict, NotApplicable) else type(finding.verdict)


def _origins(accounts: Sequence[Mapping[str, Sequence[ControlPolicy]]]) -> dict[str, Origin]:
    return {title: policies[0].origin for parts in accounts for title, policies in parts.items()}


def _named(finding: Finding, deciding: dict[str, Origin] | None) -> Finding:
    """Return the finding with the policies that decide it; where none does alone, several do together."""
    verdict = finding.verdict
    if deciding is None or not isinstance(verdict, Passed | Failed | NotApplicable):
        return finding
    told = f"denied by {listed(list(deciding), 'and')}" if deciding else "denied by several control policies together"
    message = f"{verdict.message}; {told}"
    if isinstance(verdict, NotApplicable):
        return replace(finding, verdict=replace(verdict, message=message))
    related = (*verdict.related, *(Related(at, title) for title, at in deciding.items()))
    return replace(finding, verdict=replace(verdict, message=message, related=related))
