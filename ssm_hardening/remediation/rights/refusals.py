"""Who would be refused: the nodes that lack a right which a switch of a document asks for, once the plan is applied."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ssm_hardening.access.people import person_of
from ssm_hardening.access.recording_rights import Right, bucket_rights, group_rights, key_right
from ssm_hardening.access.requests import request
from ssm_hardening.iam.decisions import Allowed, decide, own_arn
from ssm_hardening.iam.requests import partition_of
from ssm_hardening.model import Account, Instance, LogBucket, Role
from ssm_hardening.model.joins import Found, join, names
from ssm_hardening.remediation.lockout.proposal import there
from ssm_hardening.remediation.plan import FromExpression, ModuleCall
from ssm_hardening.remediation.rights.destinations import Destinations
from ssm_hardening.remediation.rights.documents import Document
from ssm_hardening.remediation.rights.nodes import MODULE, role_input
from ssm_hardening.remediation.withholding import CHANNEL, LOGS, S3, SWITCHES, Switch, Withheld
from ssm_hardening.values import Absent, Known, Text, Unknown, Value

_NEW_BUCKET = "new-session-logs-0123456789abcdef"
_NEW_KEY = "key/01234567-89ab-cdef-0123-456789abcdef"
"""A bucket and a key that no policy of today names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What would be refused, and the roles for which a call of our module would help."""

    withheld: tuple[Withheld, ...]
    helped: tuple[Role, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusals:
    """Looks for refused nodes in one account. `roles` may be those of nodes, `calls` are all calls of the plan."""

    account: Account
    roles: Sequence[Role]
    calls: Sequence[ModuleCall]
    into: bool

    def find(self, documents: Sequence[Document]) -> Outcome:
        """Return what must not be written as things are."""
        nodes = [each for each in self.roles if _may_be_a_nodes(each)]
        withheld: list[Withheld] = []
        helped: dict[str, Role] = {}
        for document in documents:
            for switch in SWITCHES:
                if switch.key not in document.on:
                    continue
                refused = [each for each in nodes if not self._may(each, switch, document)]
                strangers = list(self._strangers())
                if refused or strangers:
                    withheld.append(self._withheld(document, switch, refused, strangers))
                helped |= {each.address: each for each in refused if self._call_of(each) is None}
        return Outcome(withheld=tuple(withheld), helped=tuple(helped.values()))

    def _withheld(
        self, document: Document, switch: Switch, refused: Sequence[Role], strangers: Sequence[Instance]
    ) -> Withheld:
        names = [*(each.address for each in refused), *(f"the role of {each.address}" for each in strangers)]
        lacks = [document.used.missing[name] for name in switch.needs if name in document.used.missing]
        if lacks:
            why = f"this plan does not grant it, for it does not know {' and '.join(lacks)}"
        elif refused:
            why = "this plan does not grant it"
        else:
            why = "which role that is was not read"
        return Withheld(
            root=self.account.root,
            document=document.address,
            key=document.on[switch.key],
            switch=switch,
            at=document.at,
            who=", ".join(names),
            why=why,
        )

    def _strangers(self) -> Iterator[Instance]:
        """Yield nodes whose role is not among those that were read."""
        for node in there(self.account.instances):
            match node.role:
                case Known() as name if not any(names(name, each) is True for each in self.roles):
                    yield node
                case Unknown() if not isinstance(node.profile, Absent):
                    yield node
                case Known() | Absent() | Unknown():
                    continue

    def _call_of(self, role: Role) -> ModuleCall | None:
        named = role_input(role, into=self.into)
        calls = (each for each in self.calls if each.module == MODULE)
        return next((each for each in calls if named is not None and each.inputs.get("role_name") == named), None)

    def _may(self, role: Role, switch: Switch, document: Document) -> bool:
        """Say whether the role surely has the rights: by a call of the plan, by what the plan makes, or today."""
        call = self._call_of(role)
        if call is not None and grants(call, switch, document.used):
            return True
        return self._is_admitted(switch, document, role) or self._may_today(role, switch, document)

    def _is_admitted(self, switch: Switch, document: Document, role: Role) -> bool:
        """Say whether the policy of what the plan makes admits the role by name."""
        buckets = self._made("log-bucket", document.used.bucket_arn) if switch is S3 else []
        keys = self._made("session-keys", document.used.session_key) if switch is CHANNEL else []
        return any(_admits(each, "writer_role_arns", role) for each in buckets) or any(
            _admits(each, "node_role_arns", role) for each in keys
        )

    def _made(self, module: str, named: object) -> list[ModuleCall]:
        if not isinstance(named, FromExpression):
            return []
        found = (each for each in self.calls if each.module == module)
        return [each for each in found if named.expression.startswith(f"module.{each.label}.")]

    def _may_today(self, role: Role, switch: Switch, document: Document) -> bool:
        rights = tuple(self._rights(role, switch, document))
        return bool(rights) and all(isinstance(each.decision, Allowed) for each in rights)

    def _rights(self, role: Role, switch: Switch, document: Document) -> Iterator[Right]:
        if switch is S3:
            yield from self._of_bucket(role, document)
        elif switch is LOGS:
            yield from self._of_group(role, document)
        else:
            key = own_arn("kms", _NEW_KEY, self.account.account, self.account.region)
            yield self._asked(role, "kms:Decrypt", key)

    def _of_bucket(self, role: Role, document: Document) -> Iterator[Right]:
        joined = None if isinstance(document.bucket, Absent) else join(document.bucket, self.account.log_buckets)
        if not isinstance(joined, Found):
            name = _plain(document.bucket) or _NEW_BUCKET
            arn = f"arn:{partition_of(self.account.region)}:s3:::{name}"
            yield self._asked(role, "s3:GetEncryptionConfiguration", arn)
            yield self._asked(role, "s3:PutObject", f"{arn}/any/session.log")
            return
        yield from bucket_rights(self.account, role, joined.fact, document.prefix)
        yield from self._of_bucket_key(role, joined.fact)

    def _of_bucket_key(self, role: Role, bucket: LogBucket) -> Iterator[Right]:
        if isinstance(bucket.encryption, Known) and not (_plain(bucket.encryption) or "aws:kms").startswith("aws:kms"):
            return
        joined = None if isinstance(bucket.kms_key, Absent) else join(bucket.kms_key, self.account.keys)
        if isinstance(joined, Found):
            yield key_right(self.account, role, joined.fact, "kms:GenerateDataKey", "")
        elif joined is not None:
            key = own_arn("kms", _NEW_KEY, self.account.account, self.account.region)
            yield self._asked(role, "kms:GenerateDataKey", key)

    def _of_group(self, role: Role, document: Document) -> Iterator[Right]:
        joined = None if isinstance(document.group, Absent) else join(document.group, self.account.log_groups)
        if isinstance(joined, Found):
            yield from group_rights(self.account, role, joined.fact)
            return
        for action, what in (("DescribeLogGroups", "*"), ("CreateLogStream", "any:log-stream:any")):
            arn = own_arn("logs", f"log-group:{what}", self.account.account, self.account.region)
            yield self._asked(role, f"logs:{action}", arn)

    def _asked(self, role: Role, action: str, resource: Text) -> Right:
        return Right(action, "", decide(request(self.account, role, action, resource), person_of(role).policies))


def grants(call: ModuleCall, switch: Switch, used: Destinations) -> bool:
    """Say whether a call for a role carries the rights that a switch asks for on what a document uses."""
    wanted, given = used.inputs(), call.inputs
    if any(name in used.missing for name in switch.needs) or switch.needs[0] not in wanted:
        return False
    return all(name in given and given[name] == wanted[name] for name in switch.needs if name in wanted)


def _plain(value: Value[Text]) -> str | None:
    return value.value if isinstance(value, Known) and isinstance(value.value, str) else None


def _may_be_a_nodes(role: Role) -> bool:
    match role.kind:
        case Known(kind):
            return kind == "node"
        case Absent():
            return False
        case Unknown():
            return True


def _admits(call: ModuleCall, name: str, role: Role) -> bool:
    """Say whether the list of roles holds this one; a list that is the owner's to write may stay empty."""
    given = call.inputs.get(name)
    return isinstance(given, list) and role.address in given
