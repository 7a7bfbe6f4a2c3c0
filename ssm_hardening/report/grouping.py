"""What the first screen lists: a line for what one rule finds at one place, with what follows from it."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ssm_hardening.core.memory import Memory
from ssm_hardening.core.origins import ApiOrigin, CodeOrigin, Origin
from ssm_hardening.core.values import Unknown, Why
from ssm_hardening.model.scope import GLOBAL
from ssm_hardening.remediation.plan import RemediationPlan
from ssm_hardening.report.verdicts import gap_of, headline_of, order_key
from ssm_hardening.report.words import listed, named, within
from ssm_hardening.verdicts.findings import Failed, Finding, RuleInfo, Severity

GENERATE, MANUAL = "→ generate", "→ manual"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What one rule finds at one place, or at several (at none where the head of the report says it).

    `severity` is the worst of the findings and of those that follow from them. `closing` says how the findings are
    closed, and is empty where no remediation was planned.
    """

    rule: RuleInfo
    severity: Severity
    headline: str
    places: tuple[str, ...]
    findings: tuple[Finding, ...]
    following: tuple[Finding, ...] = ()
    closing: str = ""

    @property
    def place(self) -> str:
        """The place, or how many there are."""
        return f"{len(self.places)} places" if len(self.places) > 1 else "".join(self.places)

    @property
    def subjects(self) -> tuple[str, ...]:
        """The names of what the findings are about."""
        names = (named(finding.subject) for finding in self.findings)
        return tuple(dict.fromkeys(name for name in names if name))


def failures(findings: Iterable[Finding]) -> list[Finding]:
    """Return what failed, and is neither waived nor known to the baseline."""
    return [each for each in findings if each.counts and isinstance(each.verdict, Failed)]


def entries(findings: Iterable[Finding], plan: RemediationPlan | None) -> list[Entry]:
    """Return what failed, the worst first; what follows from something else is part of the line of its cause."""
    failed = sorted(failures(findings), key=order_key)
    causes = _causes(failed)
    following: dict[int, list[Finding]] = defaultdict(list)
    for each in failed:
        if id(each) in causes:
            following[id(_first_cause(each, causes))].append(each)
    is_one_root = len({each.root for each in failed}) == 1
    groups: dict[tuple[str, Severity, str, str], list[Finding]] = defaultdict(list)
    for each in failed:
        if id(each) not in causes:
            groups[each.rule.id, each.severity, headline_of(each), _place(each, is_one_root=is_one_root)].append(each)
    made = (_entry(key, group, following, plan) for key, group in groups.items())
    return sorted(made, key=_worst_first)


def by_rule(lines: Sequence[Entry]) -> list[Entry]:
    """Return one line for each rule and severity, which says how many places there are."""
    groups: dict[tuple[str, Severity], list[Entry]] = defaultdict(list)
    for each in lines:
        groups[each.rule.id, each.severity].append(each)
    return [_merged(group) for group in groups.values()]


def causes_of_doubt(findings: Iterable[Finding]) -> list[tuple[str, int]]:
    """Return what undecided verdicts wait for, and how many wait for it, the most frequent first."""
    gaps = (gap_of(finding) for finding in findings if finding.counts)
    counts = Counter(_awaited(gap) for gap in gaps if gap is not None)
    return sorted(counts.items(), key=lambda each: (-each[1], each[0]))


def awaited_by(undecided: Sequence[Finding]) -> str:
    """Return how many verdicts there are, and what most of them wait for."""
    first, *others = causes_of_doubt(undecided)
    shown = [f"{first[1]} {'waits' if first[1] == 1 else 'wait'} for {first[0]}"]
    shown += [f"{number} for {what}" for what, number in others[:2]]
    left = sum(number for _, number in others[2:])
    shown += [f"{left} for other reasons"] if left else []
    total = f"{len(undecided)}: " if others else ""
    return f"{total}{listed(shown)} (--undecided lists them)"


_UNREAD, _MOST_MODULES = "READ-01", 3


def unread_modules(undecided: Iterable[Finding]) -> str:
    """Return which modules were not read: a few, and how many more."""
    modules = (each.subject for each in undecided if each.rule.id == _UNREAD)
    return listed((each for each in modules if "module." in each), most=_MOST_MODULES)


def is_closed(finding: Finding, plan: RemediationPlan) -> bool:
    """Say whether the plan's Terraform closes the finding."""
    return (finding.rule.id, finding.root, finding.subject) in _aims(plan)


def _aims_of(plan: RemediationPlan) -> frozenset[tuple[str, str, str]]:
    return frozenset((aim.rule, aim.root, aim.subject) for aim in (*plan.targets, *plan.proved))


def _files_edited(plan: RemediationPlan) -> Mapping[str, dict[str, None]]:
    """Return the files whose edits close findings, by rule: none for rules that generated code has a part in."""
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for edit in plan.edits:
        for rule in edit.closes:
            found[rule][edit.file] = None
    made = {rule for call in plan.modules for rule in (*call.closes, *call.expects)}
    return {rule: files for rule, files in found.items() if rule not in made}


_aims: Memory[[RemediationPlan], frozenset[tuple[str, str, str]]] = Memory(_aims_of, most=4)
_edited: Memory[[RemediationPlan], Mapping[str, dict[str, None]]] = Memory(_files_edited, most=4)


def _place(finding: Finding, *, is_one_root: bool) -> str:
    """Return the place in code, or the account and Region where there are several."""
    for at in (finding.verdict.at, finding.origin):
        if isinstance(at, CodeOrigin):
            return str(at)
    if is_one_root:
        return ""
    return f"{finding.account}/{finding.region}" if finding.region == GLOBAL and finding.account else finding.root


def _causes(failed: Sequence[Finding]) -> Mapping[int, Finding]:
    """Return what follows from another failure (by its identity), and from which: the first that explains it."""
    there: dict[tuple[str, str, str, Origin], list[Finding]] = defaultdict(list)
    for each in failed:
        for at in {each.verdict.at, each.origin}:
            for place in _places(each, at):
                there[place].append(each)
    found: dict[int, Finding] = {}
    for each in failed:
        places = each.verdict.follows if isinstance(each.verdict, Failed) else ()
        explained = [_at_place(each, [other for place in _places(each, at) for other in there[place]]) for at in places]
        if explained and all(explained):
            found[id(each)] = next(cause for cause in explained if cause is not None)
    # What goes round in a circle explains nothing, and nothing of it may be hidden.
    return {key: cause for key, cause in found.items() if id(_first_cause(cause, found)) not in found}


def _places(finding: Finding, at: Origin) -> Iterator[tuple[str, str, str, Origin]]:
    """Yield a place once for each Region that the finding is about; an ARN names the account, so it needs no root."""
    root = "" if isinstance(at, ApiOrigin) else finding.root
    for region in finding.regions or (finding.region,):
        yield root, finding.account, region, at


def _at_place(finding: Finding, there: Sequence[Finding]) -> Finding | None:
    return next((each for rule in finding.rule.follows for each in there if each.rule.id == rule), None)


def _first_cause(finding: Finding, causes: Mapping[int, Finding]) -> Finding:
    """Return the cause that follows from nothing else."""
    seen = set()
    while id(finding) in causes and id(finding) not in seen:
        seen.add(id(finding))
        finding = causes[id(finding)]
    return finding


def _entry(
    key: tuple[str, Severity, str, str],
    group: Sequence[Finding],
    following: Mapping[int, Sequence[Finding]],
    plan: RemediationPlan | None,
) -> Entry:
    _, severity, headline, place = key
    after = tuple(each for cause in group for each in following.get(id(cause), ()))
    worst = min((severity, *(each.severity for each in after)), key=lambda each: each.rank)
    return Entry(
        rule=group[0].rule,
        severity=worst,
        headline=headline,
        places=(place,) if place else (),
        findings=tuple(group),
        following=after,
        closing="" if plan is None else _closing(group, plan),
    )


def _worst_first(entry: Entry) -> tuple[int, str, int, str, int]:
    file, _, line = entry.place.rpartition(":")
    name, number = (file, int(line)) if line.isdecimal() else (entry.place, 0)
    return (entry.severity.rank, entry.rule.id, name.count("/"), name, number)


def _merged(group: Sequence[Entry]) -> Entry:
    if len(group) == 1:
        return group[0]
    headlines = list(dict.fromkeys(each.headline for each in group))
    closings = dict.fromkeys(part for each in group for part in each.closing.removeprefix("→ ").split(", ") if part)
    kinds = dict.fromkeys("edit" if each.startswith("edit ") else each for each in closings)
    return replace(
        group[0],
        headline=headlines[0] if len(headlines) == 1 else group[0].rule.headline or group[0].rule.title,
        places=tuple(dict.fromkeys(place for each in group for place in each.places)),
        findings=tuple(finding for each in group for finding in each.findings),
        following=tuple(finding for each in group for finding in each.following),
        closing=f"→ {', '.join(kinds)}" if kinds else "",
    )


def _closing(group: Sequence[Finding], plan: RemediationPlan) -> str:
    """Return how the findings are closed: by the generated code, by an edit of a file, or by a person."""
    ways = dict.fromkeys(_way(finding, plan) for finding in group)
    if len(ways) == 1:
        return next(iter(ways))
    return f"→ {', '.join(way.removeprefix('→ ') for way in ways)}"


def _way(finding: Finding, plan: RemediationPlan) -> str:
    if not is_closed(finding, plan):
        return MANUAL
    files = _edited(plan).get(finding.rule.id)
    if files is None:
        return GENERATE
    place = next((at.file for at in (finding.verdict.at, finding.origin) if isinstance(at, CodeOrigin)), "")
    # The place of the finding names the file already, where it is the one that is edited.
    return "→ edit" if place in files else f"→ edit {within(listed(files, most=1), finding.root)}"


_VARIABLE = re.compile(r"\bvar\.\w+")
_AWAITED: Mapping[Why, str] = {
    Why.UNRESOLVED_INPUT: "an input without a value",
    Why.COMPUTED: "values known only after apply",
    Why.DENIED: "API calls that AWS denied",
    Why.UNAVAILABLE: "API calls that did not succeed",
    Why.UNPARSEABLE: "text that cannot be read",
    Why.UNSUPPORTED: "expressions that are not evaluated",
    Why.OUT_OF_SCOPE: "something outside what was read",
}


def _awaited(gap: Unknown) -> str:
    variable = _VARIABLE.search(gap.detail)
    if gap.why is Why.UNRESOLVED_INPUT and variable:
        return variable[0]
    if gap.why is Why.OUT_OF_SCOPE and gap.detail.startswith("module.") and isinstance(gap.at, CodeOrigin):
        return "a module that was not downloaded" if "terraform init" in gap.detail else "a module that was not read"
    return _AWAITED[gap.why]
