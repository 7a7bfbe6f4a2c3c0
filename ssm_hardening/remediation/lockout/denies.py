"""Denies: who used within the last 30 days what is to be denied."""

from collections.abc import Iterator, Sequence

from ssm_hardening.model import PREFERENCES_NAME, Account, DocumentEvent, Session
from ssm_hardening.remediation.literals import literal
from ssm_hardening.remediation.lockout.proposal import Proposal, shown
from ssm_hardening.remediation.plan import Lockout, ModuleCall

_DAYS = "in the last 30 days"


def lockouts(proposal: Proposal) -> Iterator[Lockout]:
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
    by_document = {literal(each.document) or PREFERENCES_NAME for each in own} - {PREFERENCES_NAME}
    if by_document:
        yield Lockout(
            change=f"{role} is denied documents other than the approved ones",
            stops=f"what its people opened {_DAYS} with {shown(sorted(by_document))}",
            avoided_by="approve the documents that are needed (document_arns) before canary_passed is true",
        )
    targets = sorted({literal(each.target) or "a node that was not read" for each in own})
    if targets:
        yield Lockout(
            change=f"{role} is denied nodes that lack the tag",
            stops=f"sessions on {shown(targets)}, opened {_DAYS}, unless they carry it",
            avoided_by="tag the nodes that are meant to be reached in the stage of rights, before the guard",
        )
    if account.sessions.gap is not None:
        yield Lockout(
            change=f"{role} is denied what its policies grant too widely",
            stops=f"what its people used {_DAYS}: the history was not read ({account.sessions.gap.detail})",
            avoided_by="read the history (ssm:DescribeSessions), or ask them, before canary_passed is true",
        )


def _side_doors(guard: ModuleCall) -> Lockout:
    """Return what no history of sessions shows: whoever denies it must ask the trail."""
    return Lockout(
        change=f"{_who(guard)} is denied Run Command, automation, other shells and roles to pass",
        stops=f"what its people did {_DAYS} with them, which was not read: the history holds sessions alone",
        avoided_by=(
            "look for ssm:SendCommand, ssm:StartAutomationExecution and iam:PassRole in the trail (CloudTrail), and "
            "name the pipeline and the break-glass route in break_glass_arns first"
        ),
    )


def _who(guard: ModuleCall) -> str:
    """Return the name of the role that is guarded; code may only refer to it."""
    role = guard.inputs.get("role_name")
    return role if isinstance(role, str) else f"the role of module.{guard.label}"


def _is_by(session: Session, role: str) -> bool:
    owner = literal(session.owner) or ""
    return f":assumed-role/{role}/" in owner or owner.endswith(f":role/{role}")


def _changes(account: Account, guards: Sequence[ModuleCall]) -> Iterator[Lockout]:
    roles = {_who(each) for each in guards}
    found = [each for each in account.document_events if any(_wrote(each, role) for role in roles)]
    if found:
        names = sorted({literal(each.principal) or "somebody" for each in found})
        yield Lockout(
            change="operators are denied changes of session documents and settings",
            stops=f"what {shown(names)} changed {_DAYS}",
            avoided_by="name who administers the preferences in break_glass_arns, or give them a role of their own",
        )


def _wrote(event: DocumentEvent, role: str) -> bool:
    actor = literal(event.principal) or ""
    return f":assumed-role/{role}/" in actor or actor.endswith(f":role/{role}")
