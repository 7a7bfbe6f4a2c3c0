"""Who may change what decides over sessions: the preferences (OPER-06), and their own reach (OPER-07)."""

from collections.abc import Iterator, Mapping
from typing import Any

from ssm_hardening.access.answers import best
from ssm_hardening.access.assuming import choosers
from ssm_hardening.access.people import as_read
from ssm_hardening.access.raising import Raising
from ssm_hardening.access.requests import START, listed, may, on_document, request
from ssm_hardening.core.logic import chained, is_no, is_yes, literal, text_in
from ssm_hardening.core.values import Items, Known, Unknown, Value, Why
from ssm_hardening.iam.analysis import caveat
from ssm_hardening.iam.conditions import Condition, conditions_of
from ssm_hardening.iam.decisions import Decision
from ssm_hardening.iam.examples import example_of
from ssm_hardening.iam.powers import Holder, Need, Use, arbitrary, powers_of
from ssm_hardening.iam.texts import members
from ssm_hardening.model import PREFERENCES_NAME, Account, Group, Role
from ssm_hardening.rules.kit.checks import Check, Problem, headed, shown, wrong
from ssm_hardening.rules.people.operators import (
    administrator,
    by_statement,
    concluded,
    context_of,
    everybody,
    granted,
    granting,
    is_among,
    judged,
    on_some_node,
    operators_of,
    unread_policy,
    upstream,
)
from ssm_hardening.rules.people.subjects import JudgedPerson, raised, stands_for_holder, strongest
from ssm_hardening.rules.registry import Context, rule
from ssm_hardening.verdicts.findings import Failed, Passed, Requirement, Severity, Undecided, Verdict

_UNTOLD = "whether its policies allow changing the session preferences is unknown"


@rule(
    id="OPER-06",
    title="Only named administrators change session preferences",
    headline="Session settings can be changed",
    severity=Severity.CRITICAL,
    over=everybody,
    requirement=Requirement.AUDITING,
    also=(Requirement.ACCESS_CONTROL,),
    may=(Severity.MEDIUM,),
    remedy="operator-role",
)
def changes_no_preferences(subject: JudgedPerson, context: Context) -> Verdict:
    """One API call can turn off all recording, or add a shell profile that runs as every user: limit who can.

    The rule covers creating, changing, sharing, and deleting the document SSM-SessionManagerRunShell, and changing the
    service settings of Systems Manager. Identities that the standard lists in `preference_administrators` pass. An
    administrator, whose policies grant everything, fails this rule and no other rule about people. Every account has
    administrators, who should be listed: in the baseline, where they need not be (`administrators_named`), the finding
    is medium. It is as severe for anyone else, because permission to change the preferences is never worse than
    permission to do everything. To protect the whole account, use a service control policy.

    Undecided when a statement, a condition, or the permissions boundary is unknown.

    Reference: AWS Systems Manager User Guide, "Grant or deny a user permissions to update Session Manager preferences".
    """
    named = is_among(subject, context.thresholds.preference_administrators)
    if is_yes(named):
        return Passed(subject.origin, "the standard lists it as an administrator of the session preferences")
    verdict = _unless_named(subject, context)
    if isinstance(named, Unknown) and isinstance(verdict, Passed | Failed):
        return Undecided(subject.origin, named, verdict.message)
    return verdict


def _unless_named(subject: JudgedPerson, context: Context) -> Verdict:
    everything = administrator(as_read(subject.person), context.account)
    severity = None if context.thresholds.administrators_named else Severity.MEDIUM
    if is_yes(everything):
        text = "an administrator: its policies grant everything, including changes to the session preferences"
        headline = "An administrator can change session settings"
        told = f"{text}{caveat(unread_policy(subject))}{upstream(subject)}"
        asked = on_document(context.account, subject.person.fact, "ssm:UpdateDocument", PREFERENCES_NAME)
        example = example_of(may(subject.person, asked))
        return Failed(everything.at, told, severity=severity, headline=headline, example=example)
    text = "its policies allow changing the session preferences"
    return concluded(
        subject,
        by_statement(
            _changes(subject, context), lambda at, actions: Problem(at, f"{text}: {', '.join(actions)}", severity)
        ),
        passed="its policies do not allow changing the session preferences",
        undecided=_UNTOLD,
    )


def _changes(subject: JudgedPerson, context: Context) -> Iterator[Check]:
    account, who = context.account, subject.person.fact
    for need in (need for power in powers_of(Use.PREFERENCES, raises=Holder.PEOPLE) for need in power.needs):
        if need.on == "preferences":
            asked = on_document(account, who, need.action, PREFERENCES_NAME)
        else:
            asked = request(account, who, need.action, arbitrary(need.on, account.account, account.region))
        yield from granted(may(subject.person, asked), need.action)


_RUN_AS = "SSMSessionRunAs"
_TAG_CONDITIONS = ("ssm:resourcetag/", "aws:resourcetag/")


@rule(
    id="OPER-07",
    title="People cannot extend their own access",
    headline="People can extend their own access",
    severity=Severity.HIGH,
    over=everybody,
    may=(Severity.MEDIUM,),
    remedy="operator-role",
)
def cannot_widen_its_reach(subject: JudgedPerson, context: Context) -> Verdict:
    """Limits on sessions do not protect anything if the people they apply to can change the tags, roles, or policies.

    The rule asks for every way to more permissions that `ssm-harden rules --powers` lists: changing IAM policies, trust
    policies, groups, passwords, access keys, and permission sets; iam:PassRole together with what runs something with
    the role; and changing or using what has a role already, such as a Lambda function. A permission on named roles,
    users, groups, or policies is a gap only if these can do more, and passing a role only if the service can assume it.
    For people whose policies grant sessions, the rule also covers changing the tags on nodes that their own conditions
    require, and setting the tag SSMSessionRunAs on roles and users, including with sts:TagSession. If the trust policy
    of the role allows sts:TagSession without a condition on aws:RequestTag/SSMSessionRunAs, whoever assumes the role
    chooses the OS user (medium if an identity provider sets the tag). A Deny statement, or a condition on aws:TagKeys
    or ec2:CreateAction, is taken into account.

    Undecided when a statement, a condition, or the permissions boundary is unknown, or when it is unknown what a named
    role, user, group, policy, or function can do.

    Reference: AWS Systems Manager User Guide, "Restrict access to managed nodes by tag"; AWS Identity and Access
    Management User Guide, "Grant a user permissions to pass a role to an AWS service".
    """
    return judged(
        subject,
        context,
        lambda: _ways(subject, context.account),
        passed="its policies do not let it extend its own access",
        undecided="whether its policies let it extend its own access is unknown",
    )


def _ways(subject: JudgedPerson, account: Account) -> Iterator[Check]:
    ways = Raising(account, subject.person).ways(powers_of(Use.ESCALATION, Use.ROLES, raises=Holder.PEOPLE))
    yield from strongest(ways, lambda way, told: raised(way, f"its policies let it extend its own access: {told}"))
    sessions = on_some_node(subject.person, START, account)
    if is_no(sessions):
        return
    for check in (*_node_tags(subject, account), *_run_as_tags(subject, account), *_run_as_by_trust(subject, account)):
        yield check if is_yes(sessions) or not isinstance(sessions, Unknown) else sessions


def _node_tags(subject: JudgedPerson, account: Account) -> Iterator[Check]:
    """Yield whether the tags may be written that the caller's own conditions on sessions ask for."""
    tags: dict[str, list[str | Unknown]] = {}
    for item in _tags_asked_for(subject):
        if isinstance(item, Unknown):
            yield item
        else:
            tags.setdefault(item[0], []).extend(item[1])
    for key, values in tags.items():
        for need in _needs(Use.TAGS, "node", "hybrid-node"):
            decision = best(_ask(subject, need, account, _tagging(key, value)) for value in dict.fromkeys(values))
            text = f'its policies let it set the tag "{key}", which gives it access to nodes ({need.action})'
            yield from headed("People can change tags that scope sessions", granted(decision, text))


def _tags_asked_for(subject: JudgedPerson) -> Iterator[tuple[str, list[str | Unknown]] | Unknown]:
    """Yield the tags of nodes that conditions on sessions name, with the values that lead in; empty: any may."""
    for statement, _ in granting(subject, START):
        for item in conditions_of(statement):
            match item:
                case Condition(key=key) if key.startswith(_TAG_CONDITIONS):
                    name = key.partition("/")[2]
                    if not name.startswith("aws:"):
                        yield name, _values_asked_for(item)
                case Unknown() as gap:
                    yield gap
                case _:
                    continue


def _values_asked_for(condition: Condition) -> list[str | Unknown]:
    if "string" not in condition.operator or "not" in condition.operator:
        return [""]
    return [_value_asked_for(value) for value in members(condition.values)]


def _value_asked_for(value: Known[Any] | Unknown) -> str | Unknown:
    text = literal(value)
    if text is None or "${" in text:
        return Unknown(Why.COMPUTED, value.at, "the value of the tag that sessions require")
    return text.replace("*", "x").replace("?", "x")


def _tagging(key: str, value: str | Unknown = "") -> dict[str, str | Unknown]:
    given = isinstance(value, Unknown) or value != ""
    return {"aws:tagkeys": key} | ({f"aws:requesttag/{key.casefold()}": value} if given else {})


def _run_as_tags(subject: JudgedPerson, account: Account) -> Iterator[Check]:
    for need in _needs(Use.TAGS, "role", "user"):
        decision = _ask(subject, need, account, _tagging(_RUN_AS, "root"))
        text = f"its policies let it choose the OS user of its sessions ({need.action} with the tag {_RUN_AS})"
        yield from headed("People can choose the OS user of sessions", granted(decision, text))


def _run_as_by_trust(subject: JudgedPerson, account: Account) -> Iterator[Check]:
    """Yield who chooses the OS user when they assume a role, by a tag that its trust policy lets them set."""
    role = subject.person.fact
    if not isinstance(role, Role) or stands_for_holder(subject.person):
        return
    for each in choosers(role, account):
        if isinstance(each, Unknown):
            yield each
            continue
        chosen = "its trust policy lets {} choose the OS user of its sessions (sts:TagSession with the tag {})"
        text = chosen.format(f"the identity provider {each.who}" if each.assigned else each.who, _RUN_AS)
        severity = Severity.MEDIUM if each.assigned else None
        headline = "People can choose the OS user of sessions"
        yield Problem(each.statement.at, text, severity, headline=headline, example=each.example)


def _needs(use: Use, *on: str) -> Iterator[Need]:
    yield from (need for power in powers_of(use) for need in power.needs if need.on in on)


def _ask(subject: JudgedPerson, need: Need, account: Account, keys: Mapping[str, str | Unknown]) -> Decision:
    """Return what the policies say of an action on an arbitrary object, with these condition keys."""
    asked = request(account, subject.person.fact, need.action, arbitrary(need.on, account.account, account.region))
    given: dict[str, Value[Items]] = {
        key: value if isinstance(value, Unknown) else listed(account.at, value) for key, value in keys.items()
    }
    # A tag written on what exists already is no part of its creation.
    settled = ("ec2:createaction", *_TAG_CONDITIONS, "ec2:resourcetag/", "iam:resourcetag/")
    return may(subject.person, context_of(asked, given, settled=settled))


def privileged_by_tag(account: Account, forbidden: tuple[str, ...]) -> Iterator[Check]:
    """Yield the operators whose tag names a privileged user, and why that is unknown.

    What this source never reads yields nothing: the rule's message says that a tag may say otherwise.
    """
    found = operators_of(account)
    yield from _told_gap(found.gap)
    for subject in found:
        for check in _by_tag(subject, forbidden):
            doubt = subject.exists if isinstance(subject.exists, Unknown) else subject.doubt
            yield check if isinstance(check, Unknown) or doubt is None else doubt


def _told_gap(gap: Unknown | None) -> Iterator[Unknown]:
    if gap is not None and gap.why is not Why.OUT_OF_SCOPE:
        yield gap


def _by_tag(subject: JudgedPerson, forbidden: tuple[str, ...]) -> Iterator[Check]:
    fact = subject.person.fact
    if isinstance(fact, Group):
        return
    if isinstance(fact.tags, Unknown):
        yield from _told_gap(fact.tags)
        return
    tag = chained(fact.tags, lambda tags: tags.value.get(_RUN_AS, tags.at))
    runs = f"the tag {_RUN_AS} of {subject.address} makes its sessions run as"
    yield from wrong(
        text_in(tag, f"the tag {_RUN_AS}, which is not a string"),
        lambda user: f"{runs} {shown(user)}" if user in forbidden else "",
    )
