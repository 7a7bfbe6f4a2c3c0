"""Whose name sessions run under, and what a profile displaces."""

from collections.abc import Iterator

from ssm_hardening.model import Account, Fact, Role, ServiceSetting, User
from ssm_hardening.remediation.literals import literal
from ssm_hardening.remediation.lockout.callers import callers
from ssm_hardening.remediation.lockout.proposal import Proposal, named, there, unix_nodes
from ssm_hardening.remediation.plan import Lockout
from ssm_hardening.values import Absent, Known, Record, Unknown, Value

_TAG = "SSMSessionRunAs"
_DEFAULT_MANAGEMENT = "/ssm/managed-instance/default-ec2-instance-management-role"


def lockouts(proposal: Proposal) -> Iterator[Lockout]:
    """Yield what Run As and new instance profiles would stop."""
    runs_as = proposal.picture.writes("runAsEnabled") or proposal.picture.writes("runAsDefaultUser")
    for account in proposal.accounts:
        if runs_as:
            yield from _users(account, proposal)
            yield from _tagged(account)
            yield from _untagged(account)
        if proposal.call("instance-role") or proposal.closes("ROLE-07"):
            yield from _displaced(account)


def _users(account: Account, proposal: Proposal) -> Iterator[Lockout]:
    nodes = unix_nodes(account)
    made = next((call for call in proposal.call("host-baseline") if "run_as_user" in call.inputs), None)
    if nodes and made is not None:
        yield Lockout(
            change=f"Run As on {named(nodes)}",
            stops=f"every session on those on which the associations of module.{made.label} have not yet made the user",
            avoided_by=(
                f"apply module.{made.label} first, and go on once aws ssm describe-association-executions shows "
                "Success for every node; nodes that it does not name need the user as well"
            ),
        )
    elif nodes:
        yield Lockout(
            change=f"Run As on {named(nodes)}",
            stops="every session on those that lack the user: no source that was read tells which users exist on them",
            avoided_by="make the user there in the stage before; the question below is to be answered first",
        )


def _tagged(account: Account) -> Iterator[Lockout]:
    tagged: list[Fact] = [each for each in there(account.roles) if _has_tag(each)]
    tagged += [each for each in there(account.users) if _has_tag(each)]
    if tagged:
        yield Lockout(
            change=f"Run As, and {named(tagged)} carry the tag {_TAG}",
            stops="their sessions on nodes that lack the users these tags name: the tag wins over the default user",
            avoided_by="make those users as well, or take the tags off, before the preferences",
        )


def _untagged(account: Account) -> Iterator[Lockout]:
    found = [each.fact for each in callers(account) if isinstance(each.fact, Role | User) and _lacks_tag(each.fact)]
    if found:
        yield Lockout(
            change=f"Run As, and {named(found)} carry no tag {_TAG}",
            stops="their sessions on every node that lacks the default user, the only one they have",
            avoided_by="make that user everywhere first; a document that named no default user would refuse them all",
        )


def _lacks_tag(person: Role | User) -> bool:
    value: Value[Record] = person.tags
    match value:
        case Known(record):
            return _TAG not in record.members and record.rest is None
        case Absent():
            return True
        case Unknown():
            return False


def _has_tag(person: Role | User) -> bool:
    value: Value[Record] = person.tags
    match value:
        case Known(record):
            return isinstance(record.members.get(_TAG), Known)
        case Absent() | Unknown():
            return False


def _displaced(account: Account) -> Iterator[Lockout]:
    setting = next((each for each in account.settings if each.address.endswith(_DEFAULT_MANAGEMENT)), None)
    bare = [each for each in there(account.instances) if isinstance(each.profile, Absent)]
    if setting is None or not bare or not _is_set(setting):
        return
    yield Lockout(
        change=f"{named(bare)} get an instance profile",
        stops=(
            f"Default Host Management ({literal(setting.value)}) on them: the agent prefers the profile's rights, so "
            "whatever that role grants beyond the profile's is gone"
        ),
        avoided_by="give the profile's role everything in use first, or leave these nodes to Default Host Management",
    )


def _is_set(setting: ServiceSetting) -> bool:
    return literal(setting.value) not in {None, "", "$None"}
