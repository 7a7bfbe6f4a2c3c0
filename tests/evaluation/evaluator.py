"""A second evaluator: whether policies, as JSON, allow a request whose circumstances are all known.

Written from AWS's pages "Policy evaluation logic", "Permissions boundaries for IAM entities", "Principal",
"NotPrincipal", "Resource" and "Key policies in AWS KMS", and from nothing of the product: what both get wrong, both
must have read wrong.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import product
from typing import Any, TypeAlias

from tests.evaluation.conditions import Doubt, Doubts, Reader, Request, SpoiledError, holds, matched, split

Document: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policies:
    """All policies that bear on a request.

    Each of `levels` is a level of service or resource control policies: the documents attached there. `alone` says that
    the resource's policy must allow by itself: a KMS key's, or the trust policy of a role.
    """

    identity: Sequence[Document] = ()
    boundary: Document | None = None
    session: Document | None = None
    levels: Sequence[Sequence[Document]] = ()
    resource: Document | None = None
    alone: bool = False


class Named(IntEnum):
    """How the policy of a resource names who asks."""

    NOT = 0
    BY_ACCOUNT = 1
    """The account: its own policies decide further."""
    BEHIND = 2
    """The role of the session, or the user who started it: limited by the boundary and the session policy."""
    BY_ALL = 3
    DIRECTLY = 4


@dataclass(frozen=True, slots=True)
class _Caller:
    """Who asks; `behind` is the role of a session."""

    arn: str
    account: str
    behind: str | None


def caller_of(arn: str) -> _Caller:
    """Return who asks: a user, a session of a role, a federated session of a user, or (no ARN) a service."""
    if not arn.startswith("arn:"):
        return _Caller(arn, "", None)
    partition, account, tail = arn.split(":")[1], arn.split(":")[4], arn.split(":", 5)[5]
    kind, _, name = tail.partition("/")
    role = f"arn:{partition}:iam::{account}:role/{name.split('/')[0]}"
    return _Caller(arn, account, role if kind == "assumed-role" else None)


def answers(request: Request, policies: Policies) -> set[bool]:
    """Return whether the request is allowed, in every reading of what AWS's text leaves open: mostly one answer."""
    found: set[bool] = set()
    done: set[frozenset[Doubt]] = set()
    waiting: list[frozenset[Doubt]] = [frozenset()]
    while waiting:
        known = waiting.pop()
        for values in product((False, True), repeat=len(known)):
            doubts = Doubts(dict(zip(sorted(known), values, strict=True)))
            found.add(_Evaluation(request, policies, doubts).allowed())
            if (more := frozenset(known | doubts.met)) not in done:
                done.add(more)
                if more != known:
                    waiting.append(more)
    return found


@dataclass(slots=True)
class _Evaluation:
    request: Request
    policies: Policies
    doubts: Doubts
    caller: _Caller = field(init=False)

    def __post_init__(self) -> None:
        self.caller = caller_of(self.request.caller)

    def allowed(self) -> bool:
        """Return the decision: a Deny anywhere ends it, then each kind of policy is asked in the order of AWS."""
        every = self.policies
        limits = [each for each in (every.boundary, every.session) if each is not None]
        attached = [*every.identity, *limits, *(document for level in every.levels for document in level)]
        grants, denied = self._resource()
        if denied or any(self._says("Deny", document) for document in attached):
            return False
        if not all(any(self._says("Allow", document) for document in level) for level in every.levels):
            return False
        within = all(self._says("Allow", document) for document in limits)
        identity = within and any(self._says("Allow", document) for document in every.identity)
        if self.caller.account != self.request.owner:
            by_service = not self.caller.account and grants == Named.DIRECTLY
            return by_service or (grants is not Named.NOT and identity)
        if grants in (Named.BY_ALL, Named.DIRECTLY) or (grants is Named.BEHIND and within):
            return True
        return identity and (grants is not Named.NOT or not every.alone)

    def _resource(self) -> tuple[Named, bool]:
        """Return how the strongest grant of the resource's policy names the caller, and whether it denies."""
        strongest, denied = Named.NOT, False
        for statement, reader in self._statements(self.policies.resource or {}):
            named = self._named(statement)
            if named is Named.NOT or not self._applies(statement, reader):
                continue
            if statement["Effect"] == "Deny":
                denied = True
            else:
                strongest = max(strongest, self._strength(named, statement))
        return strongest, denied

    def _strength(self, named: Named, statement: Document) -> Named:
        limited = self.policies.boundary is not None or self.policies.session is not None
        if named is Named.BY_ALL and limited and self.caller.account == self.request.owner:
            keys = {key.lower() for each in statement.get("Condition", {}).values() for key in each}
            if "aws:principalarn" not in keys and not self.doubts.holds(Doubt.EVERYBODY_IS_DIRECT):
                return Named.BEHIND
        return named

    def _says(self, effect: str, document: Document) -> bool:
        return any(
            self._applies(statement, reader)
            for statement, reader in self._statements(document)
            if statement["Effect"] == effect
        )

    def _statements(self, document: Document) -> Iterator[tuple[Document, Reader]]:
        reader = Reader(self.request.context, document.get("Version") == "2012-10-17", self.doubts)
        statements = document.get("Statement", [])
        for statement in statements if isinstance(statements, list) else [statements]:
            yield statement, reader

    def _applies(self, statement: Document, reader: Reader) -> bool:
        try:
            return (
                self._action(statement, reader) and self._on_resource(statement, reader) and _meets(statement, reader)
            )
        except SpoiledError:
            return False

    def _action(self, statement: Document, reader: Reader) -> bool:
        names = [name.lower() for name in texts(statement.get("Action", statement.get("NotAction")))]
        literal = Reader({}, variables=False, doubts=reader.doubts)
        return any(matched(literal.glob(name), self.request.action.lower()) for name in names) == (
            "Action" in statement
        )

    def _on_resource(self, statement: Document, reader: Reader) -> bool:
        if "Resource" not in statement and "NotResource" not in statement:
            return True
        patterns = texts(statement.get("Resource", statement.get("NotResource")))
        return reader.among(patterns, lambda text: self._covers(text, reader)) == ("Resource" in statement)

    def _covers(self, text: str, reader: Reader) -> bool:
        pattern = reader.glob(text)
        loose = matched(pattern, self.request.resource)
        if text == "*":
            return loose
        parts, values = split(pattern), self.request.resource.split(":", 5)
        parts += [".*"] * (6 - len(parts))
        strict = len(values) == 6 and all(map(matched, parts, values))
        return loose if loose == strict else self.doubts.holds(Doubt.STAR_CROSSES_COLONS) == loose

    def _named(self, statement: Document) -> Named:
        if "Principal" in statement:
            return max(self._each(statement["Principal"]), default=Named.NOT)
        return Named.NOT if self._exempted(statement) else Named.BY_ALL

    def _exempted(self, statement: Document) -> bool:
        if statement["Effect"] == "Deny" and self.policies.boundary is not None:
            return False
        named = set(self._each(statement["NotPrincipal"]))
        wanted = {Named.DIRECTLY, Named.BY_ACCOUNT} | ({Named.BEHIND} if self.caller.behind else set())
        if Named.BY_ALL in named or wanted <= named:
            return True
        if named > {Named.NOT}:
            return self.doubts.holds(Doubt.NAMES_IN_PART)
        return statement["Effect"] == "Allow" and not self.doubts.holds(Doubt.NOT_PRINCIPAL_GRANTS)

    def _each(self, principal: Any) -> Iterator[Named]:
        yield Named.NOT
        for kind, names in ({"AWS": principal} if isinstance(principal, str) else principal).items():
            for name in texts(names):
                yield self._one(kind, name)

    def _one(self, kind: str, name: str) -> Named:
        account, arn = self.caller.account, self.caller.arn
        if kind == "CanonicalUser":
            return Named.BY_ACCOUNT if account and self.doubts.holds(Doubt.IS_CANONICAL_USER) else Named.NOT
        if kind != "AWS" or not account:
            return Named.DIRECTLY if kind == "Service" and name == arn else Named.NOT
        if name == "*":
            return Named.BY_ALL
        if name in (account, f"arn:{arn.split(':')[1]}:iam::{account}:root"):
            return Named.BY_ACCOUNT
        if ":federated-user/" in arn and name.startswith(f"arn:{arn.split(':')[1]}:iam::{account}:user/"):
            return Named.BEHIND if self.doubts.holds(Doubt.WHO_FEDERATED) else Named.NOT
        return Named.DIRECTLY if name == arn else Named.BEHIND if name == self.caller.behind else Named.NOT


def _meets(statement: Document, reader: Reader) -> bool:
    asked = [
        (operator, key, texts(wanted))
        for operator, keys in statement.get("Condition", {}).items()
        for key, wanted in keys.items()
    ]
    return all(holds(operator, key, wanted, reader) for operator, key, wanted in asked)


def texts(value: Any) -> list[str]:
    """Return a text or list of texts as JSON has them: numbers and booleans are texts too."""
    return [_text(each) for each in (value if isinstance(value, list) else [value])]


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
