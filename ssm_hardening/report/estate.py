"""What there is in a live account, beside what is wrong with it: nodes, preferences, sessions, roles, groups.

A person who takes over an account looks at these first; each stands in the section of its question.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from ssm_hardening.core.errors import counted
from ssm_hardening.core.logic import mapped
from ssm_hardening.core.values import Absent, Inventory, Items, Known, Value
from ssm_hardening.model import LIVE, PREFERENCES_NAME, Account, GroupRule, Instance, Role, SecurityGroup, Session
from ssm_hardening.report.columns import UNTOLD, block, text, texts
from ssm_hardening.report.style import Style, Tone
from ssm_hardening.report.words import listed
from ssm_hardening.verdicts.findings import Crashed, Failed, Finding, NotApplicable, Passed, Question, Undecided

_MOST_ACCOUNTS = 3
"""Beyond so many accounts the matrix tells more than their estates."""

_DEFAULTS = (
    ("log bucket", "none"),
    ("log group", "none"),
    ("session key", "none: TLS only"),
    ("Run As", "off: ssm-user, or a local administrator on Windows"),
    ("idle limit", "20 min (AWS default)"),
    ("maximum", "none"),
)
_EVERYWHERE = {"0.0.0.0/0", "::/0"}


def estate_lines(
    question: Question, accounts: Sequence[Account], findings: Sequence[Finding], style: Style
) -> list[str]:
    """Return what belongs to this question in the live accounts; nothing where they are many, or none."""
    live = [account for account in accounts if account.source == LIVE]
    if not 0 < len(live) <= _MOST_ACCOUNTS:
        return []
    verdicts = {finding.subject: finding for finding in findings}  # asked of sessions, about which there is one rule
    lines: list[str] = []
    for account in live:
        told = _OF[question](account, verdicts, style)
        title = f"{text(account.account)} {text(account.region)}"
        lines += [f"  {style.paint(title, Tone.BOLD)}", ""] if told and len(live) > 1 else []
        lines += told
    return lines


def _nodes(account: Account, _verdicts: Mapping[str, Finding], style: Style) -> list[str]:
    rows = [
        [_name(node), text(node.name), text(node.platform), _agent(node), _of("", node.role, "no role")]
        for node in sorted(account.instances.items, key=_name)
    ]
    heads = ("name", "id", "platform", "agent", "role")
    return block("Nodes", counted(len(rows), "node"), rows, account.instances, style, heads=heads)


def _name(node: Instance) -> str:
    return text(node.label) or text(node.name)


def _agent(node: Instance) -> str:
    if isinstance(node.agent_version, Absent):
        return "not known to Systems Manager"
    return f"{text(node.agent_version)} {text(node.ping)}"


def _of(word: str, value: Value[Any], none: str) -> str:
    return none if isinstance(value, Absent) else f"{word} {text(value)}".strip()


def _recording(account: Account, verdicts: Mapping[str, Finding], style: Style) -> list[str]:
    return [*_preferences(account, style), *_sessions(account, verdicts, style)]


def _preferences(account: Account, style: Style) -> list[str]:
    documents = account.session_documents
    found = [document for document in documents.items if text(document.name) == PREFERENCES_NAME]
    if not found and documents.gap is not None:
        return [*style.labelled(f"  {PREFERENCES_NAME}", f"unknown: {documents.gap.detail}", 0, room=32), ""]
    if not found:
        return block(PREFERENCES_NAME, "no document: the AWS defaults apply", _DEFAULTS, Inventory(), style)
    rows = [
        ["log bucket", text(found[0].s3_bucket) or "none"],
        ["log group", text(found[0].cloudwatch_log_group) or "none"],
        ["session key", text(found[0].kms_key) or "none: TLS only"],
        ["Run As", f"{_switch(found[0].run_as_enabled)} {text(found[0].run_as_default_user)}".rstrip()],
        ["idle limit", _minutes(found[0].idle_session_timeout)],
        ["maximum", _minutes(found[0].max_session_duration)],
    ]
    others = len(documents.items) - 1
    aside = f"and {counted(others, 'further session document')}" if others else ""
    return block(PREFERENCES_NAME, aside, rows, Inventory(), style)


def _minutes(value: Value[int]) -> str:
    aside = " (AWS default)" if isinstance(value, Known) and value.defaulted else ""
    return text(mapped(value, lambda minutes: f"{minutes} min{aside}"), absent="none")


def _switch(value: Value[bool]) -> str:
    return text(mapped(value, lambda flag: "on" if flag else "off"), absent="off")


def _sessions(account: Account, verdicts: Mapping[str, Finding], style: Style) -> list[str]:
    labels = {text(node.name): _name(node) for node in account.instances.items}
    groups: dict[tuple[str, str], list[Session]] = {}
    for session in account.sessions.items:
        target = text(session.target)
        groups.setdefault((_person(session), labels.get(target) or target), []).append(session)
    rows = [[person, node, *_history(groups[person, node], verdicts)] for person, node in sorted(groups)]
    people = len({person for person, _ in groups})
    aside = f"{counted(len(account.sessions), 'session')} by {counted(people, 'person', 'people')}" if rows else ""
    heads = ("person", "node", "sessions", "outcome", "last", "document")
    return block("Sessions of the last 30 days", aside, rows, account.sessions, style, heads=heads)


def _person(session: Session) -> str:
    """Return the last part of the owner's ARN: the user's name, or the role session's."""
    return text(session.owner).rpartition("/")[2]


def _history(sessions: Sequence[Session], verdicts: Mapping[str, Finding]) -> list[str]:
    newest = max(sessions, key=lambda session: text(session.started))
    documents = sorted({_document(session) for session in sessions})
    last = f"{text(newest.started)[:10]}{_lasted(newest)}"
    return [str(len(sessions)), _recorded(sessions, verdicts), last, listed(documents, most=2)]


def _document(session: Session) -> str:
    name = text(session.document)
    return "preferences" if name in {"", PREFERENCES_NAME} else name


def _lasted(session: Session) -> str:
    match session.started, session.ended:
        case Known(str() as start), Known(str() as end):
            minutes = (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds() / 60
            return f", {minutes:.0f} min"
        case _, Absent():
            return ", still running"
        case _:
            return ""


def _recorded(sessions: Sequence[Session], verdicts: Mapping[str, Finding]) -> str:
    words: dict[str, int] = {}
    for session in sessions:
        word = _outcome(verdicts.get(session.address))
        words[word] = words.get(word, 0) + 1
    if set(words) == {""}:
        return ""
    return ", ".join(f"{number} {word}" if len(words) > 1 else word for word, number in sorted(words.items()))


def _outcome(finding: Finding | None) -> str:
    if finding is None:
        return ""
    match finding.verdict:
        case Passed():
            return "recorded"
        case Failed():
            return "not recorded"
        case NotApplicable(_, message):
            words = ("still running", "never started")
            return next((word for word in words if word in message), "not recordable")
        case Undecided() | Crashed():
            return "cannot tell"


def _access(account: Account, _verdicts: Mapping[str, Finding], style: Style) -> list[str]:
    labels = {node.address: _name(node) for node in account.instances.items}
    nodes = [role for role in account.roles if text(role.kind) == "node"]  # people are `ssm-harden access`'s
    roles = [[text(role.name), _policies(role), _carried(role.instances, labels)] for role in nodes]
    groups = [_group(group, labels) for group in account.security_groups.items]
    ends = [[text(each.service), text(each.kind), _dns(each.private_dns)] for each in account.vpc_endpoints.items]
    nets = [[text(each.name), _of("way out:", each.way_out, "no way out")] for each in account.subnets.items]
    return [
        *block("Node roles", counted(len(roles), "role"), roles, account.roles, style),
        *block("Security groups", counted(len(groups), "group"), groups, account.security_groups, style),
        *block("Subnets", counted(len(nets), "subnet"), nets, account.subnets, style),
        *block("VPC endpoints", counted(len(ends), "endpoint"), ends, account.vpc_endpoints, style),
    ]


def _dns(value: Value[bool]) -> str:
    return f"private DNS {_switch(value)}"


def _policies(role: Role) -> str:
    inline = len(role.statements.items)
    without = f"{counted(inline, 'statement')} inline" if inline else "nothing"
    named = [name.rpartition("/")[2] for name in texts(role.managed_policies)]
    return "nothing" if isinstance(role.managed_policies, Absent) else listed(named, most=3) or without


def _carried(value: Value[Items], labels: Mapping[str, str]) -> str:
    def told(held: Items) -> str:
        names = [labels.get(text(item), text(item)) for item in held.items]
        more = [] if held.rest is None else [UNTOLD]
        return f"on {listed([*names, *more], most=4)}" if names else "on nothing here"

    return text(mapped(value, told), absent="on nothing here")


def _group(group: SecurityGroup, labels: Mapping[str, str]) -> list[str]:
    rules = f"in: {_rules(group.inbound)}; out: {_rules(group.outbound)}"
    return [text(group.label) or text(group.name), text(group.name), rules, _carried(group.attached_to, labels)]


def _rules(rules: Inventory[GroupRule]) -> str:
    said = list(dict.fromkeys(_rule(rule) for rule in rules.items))
    more = [] if rules.gap is None else [UNTOLD]
    return listed([*said, *more], most=3) or "nothing"


def _rule(rule: GroupRule) -> str:
    protocol = text(rule.protocol)
    what = "all" if protocol == "-1" else f"{protocol} {_ports(rule)}".strip()
    peers = [text for value in (rule.cidrs, rule.groups, rule.prefix_lists) for text in texts(value)]
    where = "anywhere" if _EVERYWHERE & set(peers) else listed(peers, most=2)
    return f"{what} {where}".strip()


def _ports(rule: GroupRule) -> str:
    first, last = text(rule.from_port), text(rule.to_port)
    return first if first == last else f"{first}-{last}"


_OF: Mapping[Question, Callable[[Account, Mapping[str, Finding], Style], list[str]]] = {
    Question.CONTEXT: _nodes,
    Question.AUDIT: _recording,
    Question.ACCESS: _access,
}
