"""IAM roles with everything that is attached to them, policies as objects of their own, and instance profiles."""

from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeAlias

from ssm_hardening.core.logic import as_items, literal
from ssm_hardening.core.logic import each as members_of
from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Absent, Inventory, Items, Known, Reference, Text, Unknown, Value, Why
from ssm_hardening.iam.analysis import trusted_services
from ssm_hardening.iam.statements import Statement, managed_policy
from ssm_hardening.model import Fact, Policy, Role
from ssm_hardening.model.joins import Elsewhere, Found, Uncertain, join
from ssm_hardening.read.converting import by_branch, or_else
from ssm_hardening.read.facts.arguments import name_of, named_fact, read_each, tags_of, text_in, texts_in
from ssm_hardening.read.facts.attachments import (
    Attachment,
    Attachments,
    attachments_by,
    certain,
    gathered,
    joined,
    policy,
    said,
)
from ssm_hardening.read.facts.index import Objects
from ssm_hardening.read.graph import Config, Resource, Root

ROLE = "aws_iam_role"
INLINE = "aws_iam_role_policy"

_SHARED = "aws_iam_policy_attachment"


Named: TypeAlias = Callable[[Resource], tuple[Value[Text], ...]]
"""What a resource says that it is about: one object, or several."""

Meant: TypeAlias = Callable[[Named, Resource], tuple[Value[Text], ...]]
"""The same, where that is an object which code does not declare: the addresses that such objects go by."""


def sorted_by(resources: Inventory[Resource], named: Named, meant: Meant | None) -> Attachments:
    """Sort resources by the objects that they are about; with `meant`, by those that code only names."""
    if meant is None:
        return attachments_by(resources, named)
    return attachments_by(Inventory(resources.items), partial(meant, named))


def naming(argument: str) -> Named:
    """Return what one argument names."""
    return lambda each: (text_in(each.config, argument),)


def attaching(kind: str) -> Mapping[str, Named]:
    """Return the types of resources that attach policies to a `kind` (`role`, `user`, `group`), and what each names."""
    type_ = f"aws_iam_{kind}"
    return {
        f"{type_}_policy": naming(kind),
        f"{type_}_policy_attachment": naming(kind),
        _SHARED: lambda each: members_of(texts_in(each.config, f"{kind}s")),
        f"{type_}_policy_attachments_exclusive": naming(f"{kind}_name"),
        f"{type_}_policies_exclusive": naming(f"{kind}_name"),
    }


@dataclass(frozen=True, slots=True)
class Attached:
    """What is attached to roles, to users or to groups: inline policies and attachments in every form."""

    managed: "ManagedPolicies"
    inline: Attachments
    single: Attachments
    shared: Attachments
    exclusive: Attachments
    exclusive_inline: Attachments

    @classmethod
    def of(cls, root: Root, kind: str, managed: "ManagedPolicies", meant: Meant | None = None) -> "Attached":
        """Return what resources of their own attach to every `kind` (`role`, `user`, `group`).

        `meant` is given for those that code only names: what else is attached to them is a gap of theirs anyway.
        """
        found = (sorted_by(root.resources(type_), named, meant) for type_, named in attaching(kind).items())
        return cls(managed, *found)

    def policies(self, fact: Fact, *own: Value[Items]) -> Value[Items]:
        """Return the ARNs of the managed policies, by arguments of its own and by three kinds of attachments."""
        return gathered(
            (
                *own,
                *said(self.single.of(fact), lambda config: text_in(config, "policy_arn")),
                *said(self.shared.of(fact), lambda config: text_in(config, "policy_arn")),
                *said(self.exclusive.of(fact), lambda config: texts_in(config, "policy_arns")),
            ),
            fact.origin,
        )


def roles_of(root: Root, managed: "ManagedPolicies") -> Inventory[tuple[Resource, Role]]:
    """Return every role with its resource, run by no instance yet."""
    attached = Attached.of(root, "role", managed)
    return read_each(root.resources(ROLE), lambda each: _role(each, root, attached))


def _role(resource: Resource, root: Root, attached: Attached) -> Role:
    fact, trust = named_fact(resource, "name"), policy(resource.config, "assume_role_policy")
    policies = attached.policies(fact, texts_in(resource.config, "managed_policy_arns"))
    boundary = text_in(resource.config, "permissions_boundary")
    return Role(
        address=fact.address,
        declaration=fact.declaration,
        origin=fact.origin,
        name=fact.name,
        exists=fact.exists,
        kind=Unknown(Why.COMPUTED, resource.at, f"what {resource.address} is used for"),
        trusted_services=trusted_services(trust, resource.at),
        trust=trust,
        managed_policies=policies,
        statements=joined((_inline(resource, fact, attached), attached.managed.statements(policies))),
        boundary=boundary,
        instances=Known(Items(()), resource.at),
        form=Known("role", resource.at),
        boundary_statements=attached.managed.of_boundary(boundary),
        tags=tags_of(resource, root),
        exclusive=_is_exclusive(resource, attached.exclusive.of(fact)),
        path=or_else(text_in(resource.config, "path"), Known("/", resource.at, defaulted=True)),
    )


def _is_exclusive(resource: Resource, found: Inventory[Attachment]) -> Value[bool]:
    """Say whether each apply detaches what the code does not list; an empty list detaches everything."""
    written = texts_in(resource.config, "managed_policy_arns")
    if isinstance(written, Known) or any(each.doubt is None for each in found):
        return Known(value=True, at=resource.at)
    doubts = (*(each.doubt for each in found), found.gap, written if isinstance(written, Unknown) else None)
    return next((each for each in doubts if each is not None), Known(value=False, at=resource.at))


def _inline(resource: Resource, fact: Fact, attached: Attached) -> Inventory[Statement]:
    """Return what the inline policies say: blocks of the role, and resources of their own."""
    blocks = resource.config.blocks("inline_policy")
    found = attached.inline.of(fact)
    own = [policy(each) for each in (*blocks, *certain(found))]
    configs = (*blocks, *(each.resource.config for each in found))
    names = {str(each.value) for each in (config.get("name") for config in configs) if isinstance(each, Known)}
    doubts = (each.doubt for each in found)
    gaps = (blocks.gap, *doubts, found.gap, *written_elsewhere(attached.exclusive_inline.of(fact), names))
    return joined(own, gap=next((gap for gap in gaps if gap is not None), None))


def written_elsewhere(found: Inventory[Attachment], declared: AbstractSet[str]) -> Iterator[Unknown]:
    """Yield why there may be inline policies that the code names without saying what they hold."""
    for each in found:
        for name in members_of(texts_in(each.resource.config, "policy_names")):
            if isinstance(name, Unknown):
                yield name
            elif isinstance(name, Known) and not isinstance(name.value, Reference) and str(name.value) not in declared:
                yield Unknown(Why.OUT_OF_SCOPE, name.at, f"the statements of the inline policy {name.value}")


POLICY = "aws_iam_policy"


def policies_of(root: Root) -> Inventory[tuple[Resource, Policy]]:
    """Return every customer managed policy with its resource, attached to nothing yet."""
    return read_each(root.resources(POLICY), lambda each: _policy(each, "customer"))


def inline_policies_of(root: Root) -> Inventory[tuple[Resource, Policy]]:
    """Return every inline policy with its resource, attached to nothing yet: blocks of roles among them."""
    apart, owners = root.resources(INLINE), root.resources(ROLE)
    found = [(each, _policy(each, "inline")) for each in apart]
    gap = apart.gap
    for owner in owners:
        blocks = owner.config.blocks("inline_policy")
        found += [(owner, _block(owner, block)) for block in blocks if not isinstance(block.get("policy"), Absent)]
        gap = blocks.gap if gap is None else gap
    return Inventory(tuple(found), gap)


def owner_of(resource: Resource) -> Value[Text]:
    """Return the role that an inline policy of its own names."""
    return text_in(resource.config, "role")


def _policy(resource: Resource, kind: str) -> Policy:
    fact = named_fact(resource, "name")
    return Policy(
        address=fact.address,
        declaration=fact.declaration,
        origin=fact.origin,
        name=fact.name,
        exists=fact.exists,
        kind=Known(kind, resource.at),
        attached_to=Known(Items(()), resource.at),
        statements=policy(resource.config),
    )


def _block(owner: Resource, block: Config) -> Policy:
    """Return a policy that stands within its role."""
    name = text_in(block, "name")
    shown = f'"{name.value}"' if isinstance(name, Known) else "*"
    return Policy(
        address=f"{owner.address}.inline_policy[{shown}]",
        declaration=f"{owner.declaration}.inline_policy",
        origin=block.at,
        name=name,
        exists=owner.exists,
        kind=Known("inline", block.at),
        attached_to=Known(Items((Known(owner.address, block.at),)), block.at),
        statements=policy(block),
    )


_AWS_OWN = ":iam::aws:policy/"


@dataclass(frozen=True, slots=True)
class ManagedPolicies:
    """The customer managed policies of a root; `gap` says why there may be more."""

    policies: Objects[Policy]
    gap: Unknown | None

    def statements(self, arns: Value[Items]) -> Inventory[Statement]:
        """Return what the policies of these ARNs say together; one that is not in the code is a gap that names it."""
        listed = as_items(arns)
        return joined(map(self._of, listed.items), gap=listed.rest)

    def of_boundary(self, boundary: Value[Text]) -> Inventory[Statement]:
        """Return what a permissions boundary says; nothing where there is none."""
        return Inventory((), boundary) if isinstance(boundary, Unknown) else self._of(boundary)

    def _of(self, arn: Value[Text]) -> Inventory[Statement]:
        if isinstance(arn, Absent):
            return Inventory()
        if isinstance(arn, Unknown) or _AWS_OWN not in str(arn.value):
            return self._found(arn)
        shipped = managed_policy(_in_a_partition(arn.value))
        return _not_in_code(arn.value, arn.at) if shipped is None else shipped.statements

    def _found(self, arn: Known[Text] | Unknown) -> Inventory[Statement]:
        match join(arn, Inventory(tuple(self.policies.candidates(arn)), self.gap)):
            case Found(declared):
                return declared.statements
            case Elsewhere(name):
                return _not_in_code(name, arn.at)
            case Uncertain(gap):
                return Inventory((), replace(gap, one_of=()))


def _not_in_code(policy: object, at: Origin) -> Inventory[Statement]:
    return Inventory((), Unknown(Why.OUT_OF_SCOPE, at, f"the statements of {policy} are not in the code"))


def _in_a_partition(name: Text) -> str:
    """Return the ARN of a policy of AWS's; which partition stands in it makes no difference to what it says."""
    return f"arn:aws{_AWS_OWN}{str(name).partition(_AWS_OWN)[2]}"


PROFILE = "aws_iam_instance_profile"

_ARN = ":instance-profile/"


@dataclass(frozen=True, slots=True)
class Profiles:
    """The roles of instance profiles, by the profiles' addresses and literal names."""

    roles: Mapping[str, Value[Text]]

    def role_of(self, profile: Value[Text]) -> Value[Text]:
        """Return the role that a profile stands for; Absent where none is named, or the profile has none."""
        return by_branch(profile, self._role_of)

    def _role_of(self, named: Known[Text]) -> Value[Text]:
        match named.value:
            case Reference(address=key) | str(key) if key in self.roles:
                return self.roles[key]
            case other:
                return Unknown(Why.COMPUTED, named.at, f"the role of the instance profile {other}")


def profiles_of(root: Root) -> Profiles:
    """Return the instance profiles that a root declares."""
    roles: dict[str, Value[Text]] = {}
    for each in root.resources(PROFILE):
        role = text_in(each.config, "role")
        name = literal(name_of(each, "name"))
        roles |= {each.address: role} if name is None else {each.address: role, name: role}
    return Profiles(roles)


def profile_name(profile: Value[Text]) -> Value[Text]:
    """Return the name of a profile that may be given as an ARN, as launch templates do."""

    def name(known: Known[Text]) -> Value[Text]:
        if isinstance(known.value, Reference) and known.value.attribute == "arn":
            return Known(Reference(known.value.address, "name"), known.at)
        is_arn = isinstance(known.value, str) and _ARN in known.value
        return Known(str(known.value).rpartition("/")[2], known.at) if is_arn else known

    return by_branch(profile, name)
