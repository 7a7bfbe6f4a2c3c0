"""Everything that a remediation would stop: what holds of such changes anywhere, then what these accounts show."""

from collections.abc import Callable, Iterator

from ssm_hardening.remediation.advice import lockouts as of_any_account
from ssm_hardening.remediation.effects import people, reach, recording
from ssm_hardening.remediation.effects.proposal import Proposal
from ssm_hardening.remediation.plan import Lockout

_LOOKED_AT: tuple[Callable[[Proposal], Iterator[Lockout]], ...] = (
    recording.recording_lockouts,
    recording.lacking_lockouts,
    people.identity_lockouts,
    reach.lockouts,
    recording.document_lockouts,
    people.deny_lockouts,
)


def find_lockouts(proposal: Proposal) -> tuple[Lockout, ...]:
    """Return the lockouts, each once."""
    found = [*of_any_account(proposal.picture), *(each for look in _LOOKED_AT for each in look(proposal))]
    return tuple(dict.fromkeys(found))
