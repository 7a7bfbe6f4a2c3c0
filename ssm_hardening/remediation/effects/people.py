"""Who opens sessions, under whose name they run, and what is taken away or denied to them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from ssm_hardening.access.credentials import is_spared
from ssm_hardening.access.people import Person, people, person_of
from ssm_hardening.access.placing import works_elsewhere
from ssm_hardening.access.requests import START
from ssm_hardening.core.logic import is_yes
from ssm_hardening.core.values import Absent, Known, Record, Unknown, Value
from ssm_hardening.iam.analysis import applies_to, has_effect
from ssm_hardening.iam.decisions import Decision, Denied, Undetermined, surely
from ssm_hardening.iam.statements import Statement
from ssm_hardening.model import PREFERENCES_NAME, Account, DocumentEvent, Fact, Role, ServiceSetting, Session, User
from ssm_hardening.model.default_management import MANAGEMENT_ROLE, NO_ROLE
from ssm_hardening.remediation.advice import Proposal, named, shown, unix_nodes
from ssm_hardening.remediation.cases import Effect, there
from ssm_hardening.remediation.changes import known_text
from ssm_hardening.remediation.plan import Lockout, ModuleCall

Asking: TypeAlias = Callable[[Person], Decision]


@dataclass(frozen=True, slots=True)
class Lacking:
    """Those who surely lack a right, those of whom it cannot be told, and why not (of the first)."""

    lacking: tuple[Person, ...]
    doubtful: tuple[Person, ...]
    why: str = ""


def people_with_sessions(account: Account) -> list[Person]:
    """Return the people who have a statement that lets them start sessions, on whatever node."""
    return [each for each in people(account) if any(grants_sessions(one) for one in each.policies.identity)]


def grants_sessions(statement: Statement) -> bool:
    """Say whether a statement surely allows ssm:StartSession on something."""
    return is_yes(has_effect(statement, "Allow")) and is_yes(applies_to(statement, START))


def node_roles(account: Account) -> list[Person]:
    """Return the roles that agents of nodes of the Region use, or may, as callers of AWS."""
    roles = (each for each in there(account.roles) if isinstance(each.kind, Known) and each.kind.value == "node")
    here = (each for each in roles if not is_yes(works_elsewhere(each, account)))
    return [person_of(each, account) for each in here if not is_spared(each, account)]


def who_lacks(persons: Sequence[Person], ask: Asking) -> Lacking:
    """Sort people by what their policies say of a request; those who have the right are left out."""
    answers = [(each, surely(ask(each))) for each in persons]
    reasons = (each.why.detail for _, each in answers if isinstance(each, Undetermined))
    return Lacking(
        tuple(each for each, answer in answers if isinstance(answer, Denied)),
        tuple(each for each, answer in answers if isinstance(answer, Undetermined)),
        next(reasons, ""),
    )


_TAG = "SSMSessionRunAs"


def identity_lockouts(proposal: Proposal) -> Iterator[Lockout]:
    """Yield what Run As and new instance profiles would stop."""
    runs_as = proposal.picture.writes("runAsEnabled") or proposal.picture.writes("runAsDefaultUser")
    for account in proposal.accounts:
        if runs_as:
            yield from _users(account, proposal)
            yield from _tagged(account)
            yield from _untagged(account)
        if proposal.call("instance-role") or proposal.by_hand(Effect.PROFILE):
            yield from _displaced(account)


def _users(account: Account, proposal: Proposal) -> Iterator[Lockout]:
    nodes = unix_nodes(account)
    made = next((call for call in proposal.call("host-baseline") if "run_as_user" in call.inputs), None)
    if nodes and made is not None:
        yield Lockout(
            change=f"Run As is on for {named(nodes)}",
            stops=(
                f"every session on nodes where the associations of module.{made.label} have not created the user yet"
            ),
            avoided_by=(
                f"apply module.{made.label} and wait until aws ssm describe-association-executions shows Success for "
                "every node; nodes that the module does not target need the user as well"
            ),
        )
    elif nodes:
        yield Lockout(
            change=f"Run As is on for {named(nodes)}",
            stops="every session on nodes without the user (which users exist there is unknown)",
            avoided_by=(
                "create the user on these nodes before the preferences stage, and answer the question about the Run "
                "As user"
            ),
        )


def _tagged(account: Account) -> Iterator[Lockout]:
    tagged: list[Fact] = [each for each in there(account.roles) if _has_tag(each)]
    tagged += [each for each in there(account.users) if _has_tag(each)]
    if tagged:
        yield Lockout(
            change=f"Run As is on for callers with the tag {_TAG} ({named(tagged)})",
            stops=(
                "their sessions on nodes without the users in these tags, because the tag overrides the default user"
            ),
            avoided_by="create those users as well, or remove the tags, before the preferences stage",
        )


def _untagged(account: Account) -> Iterator[Lockout]:
    found = [
        each.fact
        for each in people_with_sessions(account)
        if isinstance(each.fact, Role | User) and _lacks_tag(each.fact)
    ]
    if found:
        yield Lockout(
            change=f"Run As is on for callers without the tag {_TAG} ({named(found)})",
            stops="their sessions on every node without the default user, which is the only user they can use",
            avoided_by="create that user on every node before you start; without a default user, all sessions fail",
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
    setting = next((each for each in account.settings if each.address.endswith(MANAGEMENT_ROLE)), None)
    bare = [each for each in there(account.instances) if isinstance(each.profile, Absent)]
    if setting is None or not bare or not _is_set(setting):
        return
    yield Lockout(
        change=f"an instance profile is attached to {named(bare)}",
        stops=(
            f"Default Host Management ({known_text(setting.value)}) on them: the agent prefers the permissions of "
            "the profile, so the nodes lose whatever else that role grants"
        ),
        avoided_by=(
            "give the role of the profile every permission in use before you start, or leave these nodes on Default "
            "Host Management"
        ),
    )


def _is_set(setting: ServiceSetting) -> bool:
    return known_text(setting.value) not in {None, *NO_ROLE}


_DAYS = "in the last 30 days"


def deny_lockouts(proposal: Proposal) -> Iterator[Lockout]:
    """Yield whom the guards would have stopped, had they been on."""
    guards = proposal.call("operator-role")
    for account in proposal.accounts:
        for guard in guards:
            yield from _sessions(account, guard)
            yield _side_doors(guard)
        if guards:
            yield from _changes(account, guards)


def _sessions(account: Account, guard: ModuleCall) -> Iterator[Lockout]:
    role = _who(guard)
    own = [each for each in account.sessions if _is_by(each, role)]
    by_document = {known_text(each.document) or PREFERENCES_NAME for each in own} - {PREFERENCES_NAME}
    if by_document:
        yield Lockout(
            change=f"{role} is denied documents that are not approved",
            stops=f"what its people opened {_DAYS} with {shown(sorted(by_document))}",
            avoided_by="approve the required documents (document_arns) before you set canary_passed to true",
        )
    targets = sorted({known_text(each.target) or "a node that was not read" for each in own})
    if targets:
        yield Lockout(
            change=f"{role} is denied nodes without the tag",
            stops=f"sessions like those opened {_DAYS} on {shown(targets)}, unless the node has the tag",
            avoided_by="in the permissions stage, before the guard applies, tag the nodes that operators must reach",
        )
    if account.sessions.gap is not None:
        yield Lockout(
            change=f"{role} is denied everything that its policies grant too broadly",
            stops=f"what its people used {_DAYS}: the history was not read ({account.sessions.gap.detail})",
            avoided_by=(
                "read the session history (ssm:DescribeSessions), or ask the people who use the role, before you set "
                "canary_passed to true"
            ),
        )


def _side_doors(guard: ModuleCall) -> Lockout:
    """Return what no history of sessions shows: whoever denies it must ask the trail."""
    return Lockout(
        change=f"{_who(guard)} is denied Run Command, Automation, other shells, and passing roles",
        stops=f"what its people did {_DAYS} with them, which was not read: the history holds sessions alone",
        avoided_by=(
            "look for ssm:SendCommand, ssm:StartAutomationExecution, and iam:PassRole in CloudTrail, and add the "
            "pipeline and the break-glass route to break_glass_arns, before you start"
        ),
    )


def _who(guard: ModuleCall) -> str:
    """Return the name of the role that is guarded; code may only refer to it."""
    role = guard.inputs.get("role_name")
    return role if isinstance(role, str) else f"the role of module.{guard.label}"


def _is_by(session: Session, role: str) -> bool:
    owner = known_text(session.owner) or ""
    return f":assumed-role/{role}/" in owner or owner.endswith(f":role/{role}")


def _changes(account: Account, guards: Sequence[ModuleCall]) -> Iterator[Lockout]:
    roles = {_who(each) for each in guards}
    found = [each for each in account.document_events if any(_wrote(each, role) for role in roles)]
    if found:
        names = sorted({known_text(each.principal) or "somebody" for each in found})
        yield Lockout(
            change="operators are denied changes to session documents and settings",
            stops=f"what {shown(names)} changed {_DAYS}",
            avoided_by=("add whoever administers the preferences to break_glass_arns, or give them a separate role"),
        )


def _wrote(event: DocumentEvent, role: str) -> bool:
    actor = known_text(event.principal) or ""
    return f":assumed-role/{role}/" in actor or actor.endswith(f":role/{role}")
