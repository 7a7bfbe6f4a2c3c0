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
            change=f"{address} gets its first key policy in code",
            stops="access for principals that only a statement added outside the code allows",
            avoided_by="copy such statements into the code; the plan shows the current policy",
        )
    if picture.writes("kmsKeyId"):
        yield Lockout(
            change="kmsKeyId names a customer managed key",
            stops="every session of operators without kms:GenerateDataKey, and on nodes without kms:Decrypt",
            avoided_by=("grant both before the preferences stage, and list both kinds of roles in the key variables"),
        )
    if picture.writes("s3EncryptionEnabled"):
        yield Lockout(
            change="s3EncryptionEnabled is on",
            stops=(
                "every session on nodes that may not read the encryption of the bucket, or while the bucket is missing"
            ),
            avoided_by=(
                "grant s3:GetEncryptionConfiguration to the node roles before you start, and keep another way in"
            ),
        )
    if picture.writes("cloudWatchEncryptionEnabled"):
        yield Lockout(
            change="cloudWatchEncryptionEnabled is on",
            stops=(
                "every session on nodes that may not describe the log group, or while it is missing or has no "
                "customer managed key"
            ),
            avoided_by=("grant logs:DescribeLogGroups to the node roles before you start, and keep another way in"),
        )
    if picture.writes("runAsEnabled") or picture.writes("runAsDefaultUser"):
        yield Lockout(
            change="sessions run as a named OS user",
            stops=("every session on Linux and macOS nodes without the user; sessions do not fall back to ssm-user"),
            avoided_by="create the user in images and on running nodes before the preferences stage",
        )
    if picture.writes("maxSessionDuration"):
        yield Lockout(
            change="sessions end after a maximum duration",
            stops="jobs that run longer in a session",
            avoided_by="move such jobs to Run Command or a batch service, or raise the limit",
        )
    if Effect.TRANSPORT in picture.effects:
        yield Lockout(
            change="the bucket denies plain HTTP and TLS below 1.2",
            stops="clients of the bucket that speak either",
            avoided_by="look for such clients in the access logs before you start",
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
        yield _narrowed("the outbound rules of nodes are restricted manually")
    for call in calls:
        yield _narrowed(f"nodes in {call.inputs.get('vpc_id')} use only the security group of module.{call.label}")


def _narrowed(change: str) -> Lockout:
    return Lockout(
        change=change,
        stops=("their traffic to ports other than 443, such as directories, databases, HTTP mirrors, and time servers"),
        avoided_by=(
            "review a month of flow logs before you start, then attach the security group manually, to one node at a "
            "time"
        ),
    )


def _switched_on(account: Account) -> Iterator[Lockout]:
    """Yield who else would be answered by an endpoint that is there, once its private DNS is on."""
    for each in there(account.vpc_endpoints):
        if _is_unnamed(each):
            place = next((vpc for vpc in account.vpcs if known_text(vpc.name) == known_text(each.vpc)), None)
            yield Lockout(
                change=f"private DNS of {each.address} is turned on",
                stops=(f"requests from {_others(place)} that the endpoint policy or its security groups do not allow"),
                avoided_by="list the workloads that resolve through it and allow them before you start",
            )


def _new(account: Account, vpc: str) -> Iterator[Lockout]:
    place = next((each for each in account.vpcs if known_text(each.name) == vpc), None)
    yield Lockout(
        change=f"private DNS is on for the new endpoints in {vpc}",
        stops=f"requests from {_others(place)} that the endpoint policies or security groups do not allow",
        avoided_by=(
            "list the workloads that resolve through it and allow them, or leave private DNS off until you know which "
            "are nodes"
        ),
    )
    if place is not None and _is_off(place):
        yield Lockout(
            change=f"{vpc} has DNS support or DNS hostnames off",
            stops=("private DNS: AWS rejects such an endpoint, or nodes use the public name, which they cannot reach"),
            avoided_by="turn both on before the endpoints stage (NET-04)",
        )


def _others(place: Vpc | None) -> str:
    if place is None:
        return "every other workload in the VPC (the list was not read)"
    match place.workloads:
        case Known(listed):
            names = [str(each.value) for each in listed.items if isinstance(each, Known)]
            if not names and listed.rest is None:
                return "future workloads (the nodes are the only ones today)"
            return f"{shown(names)}, which resolve through it" if names else "other workloads in the VPC"
        case Absent() | Unknown():
            return "every other workload in the VPC (the list was not read)"


def _is_off(place: Vpc) -> bool:
    flags = (place.dns_support, place.dns_hostnames)
    return any(isinstance(each, Known) and each.value is False for each in flags)


def _without_names(account: Account) -> Iterator[Lockout]:
    for each in there(account.vpc_endpoints):
        if _is_unnamed(each):
            yield Lockout(
                change=f"traffic is expected to go through {each.address} ({known_text(each.service)})",
                stops=(
                    "nothing yet, but the traffic does not use the endpoint: without private DNS the agent uses the "
                    "public name"
                ),
                avoided_by="turn private DNS on (NET-04) before you restrict outbound traffic",
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
