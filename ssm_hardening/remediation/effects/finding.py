"""Everything that a remediation would stop: what holds anywhere, what the network shows, and what accounts show."""

from collections.abc import Callable, Iterator

from ssm_hardening.core.values import Absent, Known, Unknown
from ssm_hardening.model import Account, Vpc, VpcEndpoint
from ssm_hardening.remediation.advice import Picture, Proposal, shown
from ssm_hardening.remediation.cases import Effect, there
from ssm_hardening.remediation.changes import known_text
from ssm_hardening.remediation.effects import people, recording
from ssm_hardening.remediation.plan import Lockout


def _anywhere(picture: Picture) -> Iterator[Lockout]:
    """Yield what would stop working in any account if a step were applied as things are."""
    for address in picture.first_policies:
        yield Lockout(
            change=f"{address} gets its first policy in code",
            stops="whoever only a statement admits that was added outside the code",
            avoided_by="carry such statements over: the plan shows the policy of today",
        )
    if picture.writes("kmsKeyId"):
        yield Lockout(
            change="kmsKeyId names a customer key",
            stops="every session of an operator without kms:GenerateDataKey, and on every node without kms:Decrypt",
            avoided_by="grant both before the preferences stage; list both kinds of role in the key's variables",
        )
    if picture.writes("s3EncryptionEnabled"):
        yield Lockout(
            change="s3EncryptionEnabled is on",
            stops="every session on nodes that may not read the bucket's encryption, or while the bucket is gone",
            avoided_by="grant s3:GetEncryptionConfiguration to the node roles first; keep another way in",
        )
    if picture.writes("cloudWatchEncryptionEnabled"):
        yield Lockout(
            change="cloudWatchEncryptionEnabled is on",
            stops="every session while the log group is missing or has no customer key, or nodes may not look at it",
            avoided_by="grant logs:DescribeLogGroups to the node roles first; keep another way in",
        )
    if picture.writes("runAsEnabled") or picture.writes("runAsDefaultUser"):
        yield Lockout(
            change="sessions run as a named OS user",
            stops="every session on Linux and macOS nodes that lack the user; there is no fallback to ssm-user",
            avoided_by="create the user in images and on running nodes before the preferences stage",
        )
    if picture.writes("maxSessionDuration"):
        yield Lockout(
            change="sessions end after a maximum duration",
            stops="jobs that run longer inside a session",
            avoided_by="move such jobs to Run Command or a batch service, or raise the limit",
        )
    if Effect.TRANSPORT in picture.effects:
        yield Lockout(
            change="the bucket denies plain HTTP and TLS below 1.2",
            stops="clients of the bucket that speak either",
            avoided_by="look for them in the access logs first",
        )


def _network(proposal: Proposal) -> Iterator[Lockout]:
    """Yield what new endpoints, or a narrower way out, would stop."""
    for account in proposal.accounts:
        for call in proposal.call("private-endpoints"):
            yield from _new(account, str(call.inputs.get("vpc_id")))
        if proposal.by_hand(Effect.PRIVATE_DNS):
            yield from _switched_on(account)
        if (
            proposal.by_hand(Effect.ENDPOINTS)
            or proposal.by_hand(Effect.PRIVATE_DNS)
            or proposal.call("private-endpoints")
        ):
            yield from _without_names(account)
    calls = proposal.call("node-security-group")
    if proposal.by_hand(Effect.OUTBOUND) and not calls:
        yield _narrowed("the outbound rules of nodes are narrowed by hand")
    for call in calls:
        yield _narrowed(f"nodes in {call.inputs.get('vpc_id')} get the group of module.{call.label} alone")


def _narrowed(change: str) -> Lockout:
    return Lockout(
        change=change,
        stops="whatever they reach on other ports than 443: directories, databases, mirrors over HTTP, time",
        avoided_by="look at the flow logs of a month first; the group is attached by hand, one node first",
    )


def _switched_on(account: Account) -> Iterator[Lockout]:
    """Yield who else would be answered by an endpoint that is there, once its private DNS is on."""
    for each in there(account.vpc_endpoints):
        if _is_unnamed(each):
            place = next((vpc for vpc in account.vpcs if known_text(vpc.name) == known_text(each.vpc)), None)
            yield Lockout(
                change=f"private DNS of {each.address} is switched on",
                stops=f"calls of {_others(place)} that its policy or its groups do not admit",
                avoided_by="name who resolves there first, and admit them",
            )


def _new(account: Account, vpc: str) -> Iterator[Lockout]:
    place = next((each for each in account.vpcs if known_text(each.name) == vpc), None)
    yield Lockout(
        change=f"private DNS of new endpoints in {vpc}",
        stops=f"calls of {_others(place)} that the endpoints' policies or groups do not admit",
        avoided_by="name who resolves there first; admit them, or leave private DNS off until the nodes are told apart",
    )
    if place is not None and _is_off(place):
        yield Lockout(
            change=f"{vpc} has DNS support or DNS hostnames off",
            stops="private DNS: AWS refuses such an endpoint, or nodes go on to the public name they cannot reach",
            avoided_by="switch both on in the stage before (NET-04)",
        )


def _others(place: Vpc | None) -> str:
    if place is None:
        return "every other workload of the VPC (which ones was not read)"
    match place.workloads:
        case Known(listed):
            names = [str(each.value) for each in listed.items if isinstance(each, Known)]
            if not names and listed.rest is None:
                return "workloads to come (there are none beside the nodes today)"
            return f"{shown(names)}, which resolve through it" if names else "other workloads of the VPC"
        case Absent() | Unknown():
            return "every other workload of the VPC (which ones was not read)"


def _is_off(place: Vpc) -> bool:
    flags = (place.dns_support, place.dns_hostnames)
    return any(isinstance(each, Known) and each.value is False for each in flags)


def _without_names(account: Account) -> Iterator[Lockout]:
    for each in there(account.vpc_endpoints):
        if _is_unnamed(each):
            yield Lockout(
                change=f"traffic is meant to go through {each.address} ({known_text(each.service)})",
                stops="nothing yet, and it does not work: without private DNS the agent goes on to the public name",
                avoided_by="switch private DNS on (NET-04) before the way out is narrowed",
            )


def _is_unnamed(endpoint: VpcEndpoint) -> bool:
    interface = known_text(endpoint.kind) == "Interface"
    return interface and isinstance(endpoint.private_dns, Known) and not endpoint.private_dns.value


_LOOKED_AT: tuple[Callable[[Proposal], Iterator[Lockout]], ...] = (
    recording.recording_lockouts,
    recording.lacking_lockouts,
    people.identity_lockouts,
    _network,
    recording.document_lockouts,
    people.deny_lockouts,
)


def find_lockouts(proposal: Proposal) -> tuple[Lockout, ...]:
    """Return the lockouts, each once."""
    found = [*_anywhere(proposal.picture), *(each for look in _LOOKED_AT for each in look(proposal))]
    return tuple(dict.fromkeys(found))
