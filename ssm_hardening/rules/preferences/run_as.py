"""As whom sessions run: RUNAS-01 and RUNAS-02."""

import re
from dataclasses import replace
from typing import Any

from ssm_hardening.core.logic import Answer, flag, is_yes, text_of
from ssm_hardening.core.values import Absent, Inventory, Known, Unknown, Why
from ssm_hardening.model import LIVE, Account, SessionDocument
from ssm_hardening.model.placeholders import fixed_setting
from ssm_hardening.rules.kit.checks import Problem, conclude, shown, unless
from ssm_hardening.rules.kit.sources import only_windows
from ssm_hardening.rules.kit.subjects import preferences_in_force
from ssm_hardening.rules.registry import Context, rule
from ssm_hardening.verdicts.findings import (
    Failed,
    NotApplicable,
    Passed,
    Requirement,
    Severity,
    Undecided,
    Verdict,
)

_USER = re.compile(r"[A-Za-z_][A-Za-z0-9_.@-]*")
"""What no shell reads as anything but a word."""

_OFF = "Run As is off: all sessions share ssm-user, which can become root"


@rule(
    id="RUNAS-01",
    title="Run As is enabled",
    headline="Run As is off: sessions share ssm-user",
    severity=Severity.HIGH,
    over=preferences_in_force,
    also=(Requirement.CROSS_PLATFORM,),
    remedy="session-preferences",
)
def switches_run_as_on(document: SessionDocument, context: Context) -> Verdict:
    """Without Run As, every session on Linux and macOS runs as `ssm-user`, which can become root without a password.

    With Run As, the tag SSMSessionRunAs of the calling user or role, or the default user of the document, names the
    operating system user. Sessions no longer fall back to ssm-user, so create these users before you turn Run As on.
    Windows has no Run As; there, HOST-03 checks that ssm-user is not an administrator.

    Undecided when the switch is unknown, or when a live Region may have only Windows nodes.

    Reference: AWS Systems Manager User Guide, "Turn on Run As support for Linux and macOS managed nodes".
    """
    windows = _only_windows(context.account)
    if isinstance(windows, Unknown):
        return Undecided(document.origin, windows, "whether all nodes run Windows is unknown")
    if is_yes(windows):
        return NotApplicable(document.origin, "all nodes run Windows, which has no Run As (see HOST-03)")
    return _run_as(document)


def _only_windows(account: Account) -> Answer:
    """Say whether Run As concerns no node; what code declares is never the whole fleet."""
    return only_windows(account) if account.source == LIVE else Known(False, account.at)


def _run_as(document: SessionDocument) -> Verdict:
    return conclude(
        document.origin,
        unless(flag(document.run_as_enabled, absent=False), _OFF),
        passed=Passed(document.run_as_enabled.at, "Run As is on for Linux and macOS (for Windows, see HOST-03)"),
        undecided="whether Run As is on is unknown",
    )


@rule(
    id="RUNAS-02",
    title="Run As user is unprivileged",
    headline="Sessions run as a privileged user",
    severity=Severity.HIGH,
    may=(Severity.MEDIUM,),
    over=preferences_in_force,
    also=(Requirement.CROSS_PLATFORM,),
    remedy="session-preferences",
)
def names_an_unprivileged_user(document: SessionDocument, context: Context) -> Verdict:
    """A Run As user with root privileges defeats the purpose of Run As; a missing one makes every session fail.

    The default users of images (ec2-user, ubuntu, admin) can become root without a password. The agent inserts the name
    into a shell command, so only letters, digits, `_`, `-`, `.`, and `@` are accepted. Whether the user exists, has a
    UID and a primary GID above 0, no sudo rights, and no group that is equivalent to root is known only from evidence
    collected inside the nodes; without it, only the name is checked.

    The tag SSMSessionRunAs of a role or user whose policies grant sessions takes precedence over the default user, so
    it must not name such a user either; where tags are not read, only the default user is checked.

    Undecided when the switch, the user, or such a tag is unknown, or when no default user is set: the tags of the
    operators then decide, and each operator needs one.

    Reference: AWS Systems Manager User Guide, "Turn on Run As support for Linux and macOS managed nodes".
    """
    switch = flag(document.run_as_enabled, absent=False)
    if isinstance(switch, Unknown):
        return Undecided(document.origin, switch, "whether Run As is on is unknown")
    return _with_nodes(document, context) if switch.value else NotApplicable(switch.at, "Run As is off (RUNAS-01)")


def _tells_of_people(account: Account) -> bool:
    """Say whether the source reads roles or users at all, as far as it came."""
    read = (account.roles, account.users)
    return any(each.items or (each.gap is not None and each.gap.why is not Why.OUT_OF_SCOPE) for each in read)


def _with_nodes(document: SessionDocument, context: Context) -> Verdict:
    """Check the user and, where evidence from inside nodes was read, what it may do there."""
    verdict, user = _with_tags(document, context), fixed_setting(document.run_as_default_user)
    hosts = context.account.hosts
    if not isinstance(verdict, Passed) or not isinstance(user, Known) or not _is_told(hosts):
        return verdict
    # The pre-commit check reads no nodes, and starts sooner without what judges them.
    from ssm_hardening.rules.hosts.inside import on_nodes  # noqa: PLC0415 - as above

    checks = on_nodes(context.account, str(user.value), context.thresholds.privileged_groups)
    passed = replace(
        verdict, message=f"{verdict.message}; on nodes with evidence, it exists and has no root privileges"
    )
    return conclude(document.origin, checks, passed=passed, undecided="what the Run As user may do on nodes is unknown")


def _is_told(hosts: Inventory[Any]) -> bool:
    return hosts.gap is None or hosts.gap.why is not Why.OUT_OF_SCOPE or len(hosts) > 0


def _with_tags(document: SessionDocument, context: Context) -> Verdict:
    """Judge the default user, and the tags that win over it."""
    verdict = _user(document, context)
    if not _tells_of_people(context.account):
        return verdict
    # The pre-commit check reads no people, and starts sooner without all that judges them.
    from ssm_hardening.rules.people.escalation import privileged_by_tag  # noqa: PLC0415 - as above

    checks = tuple(privileged_by_tag(context.account, context.thresholds.run_as_forbidden_users))
    problems = [check for check in checks if isinstance(check, Problem)]
    match verdict:
        case Failed():
            return verdict
        case Passed():
            told = "which user an operator's SSMSessionRunAs tag selects is unknown"
            return conclude(document.origin, checks, passed=verdict, undecided=told)
        case _ if problems:
            return conclude(document.origin, problems, passed=Passed(document.origin, ""), undecided="")
        case _:
            return verdict


def _user(document: SessionDocument, context: Context) -> Verdict:
    """Judge the default user by its name."""
    user = text_of(fixed_setting(document.run_as_default_user))
    if isinstance(user, Absent):
        gap = Unknown(Why.OUT_OF_SCOPE, user.at, "the SSMSessionRunAs tags of the operators' roles")
        return Undecided(
            document.origin, gap, "no default user is set, so the SSMSessionRunAs tag of each operator decides"
        )
    if isinstance(user, Unknown):
        return Undecided(document.origin, user, "which user sessions run as is unknown")
    name = shown(user.value)
    if user.value in context.thresholds.run_as_forbidden_users:
        return Failed(user.at, f"sessions run as {name}, which has or can get root privileges")
    if _USER.fullmatch(user.value) is None:
        text = f"the Run As user {name} has characters that are not allowed: the agent inserts it into a shell command"
        return Failed(user.at, text, headline="Run As user name is not valid")
    return Passed(user.at, f"sessions run as {name} unless a tag names another user; the nodes must have that user")
