"""Roles, users, groups, and permission sets of a configuration, and how they get their rights."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from tests.constructed.axes import NAMED, Configuration, Form, Holder, Node, Rights, Unread
from tests.constructed.places import OWNER, account_of_people, identities, people
from tests.constructed.rights import HEARTBEAT, NODE, allowed, aws_policy, denial, needed
from tests.constructed.writing import Place, Statement, allow, block, policy, resource, setting, trust

_AWS_POLICIES = "arn:aws:iam::aws:policy/"
_UNKNOWN: Mapping[Unread, str] = {
    Unread.POLICY: f'"{_AWS_POLICIES}AWSBatchFullAccess"',
    Unread.MODULE_POLICY: "module.policies.arn",
}
"""The ARN of a policy whose text does not ship, or is made by a module that is not here."""

_INSTANCE = setting("instance_arn", "arn:aws:sso:::instance/ssoins-0123456789abcdef")
_SET = "permission_set_arn = aws_ssoadmin_permission_set.operator.arn"


@dataclass(frozen=True, slots=True)
class Principal:
    """Who holds the rights: its kind in names of resources, and an expression for its name."""

    kind: str
    label: str
    name: str
    place: Place


@dataclass(frozen=True, slots=True)
class _Grant:
    """A form: the lines in the principal's own block, and the blocks beside it."""

    lines: tuple[str, ...] = ()
    blocks: tuple[str, ...] = ()


def holder(case: Configuration) -> Principal:
    """Return who holds the rights in question."""
    is_node = case.holder is Holder.NODE
    kind = {Holder.USER: "user", Holder.GROUP: "group"}.get(case.holder, "role")
    label = "node" if is_node else "operator"
    name = f'"{label}"' if case.form in NAMED else f"aws_iam_{kind}.{label}.name"
    return Principal(kind, label, name, identities(case) if is_node else people(case))


def identity_parts(case: Configuration) -> Iterator[str]:
    """Yield everything of IAM."""
    if case.holder is not Holder.NODE and case.node is not Node.NO_PROFILE:
        yield from _role_of_node(case)
    if case.node not in {Node.NO_PROFILE, Node.HYBRID, Node.CLUSTER}:
        profile = (setting("name", "node"), f"role = {node_role(case)}")
        yield resource("aws_iam_instance_profile", "node", identities(case), *profile)
    who = holder(case)
    grant = _FORMS[case.form](case, who)
    if case.form not in {*NAMED, Form.NOWHERE, Form.PERMISSION_SET}:
        yield from _declared(case, who, (*grant.lines, *_boundary(case)))
    yield from grant.blocks
    if case.rights is Rights.BOUNDED:
        yield _customer_policy("bounds", who.place, needed(case))
    if case.rights is Rights.DENIED and aws_policy(case) is not None:
        yield _inline(who, "denial", denial(case))
    if case.unread in _UNKNOWN and case.form not in {Form.ARGUMENT, Form.EXCLUSIVE}:
        yield _unknown_policy(case, who, _UNKNOWN[case.unread])


def node_role(case: Configuration) -> str:
    """Return an expression for the name of the node's role."""
    return holder(case).name if case.holder is Holder.NODE else "aws_iam_role.node.name"


def node_role_arn(case: Configuration) -> str:
    """Return an expression for the ARN of the node's role."""
    if case.holder is Holder.NODE and case.form is Form.NAMED_ROLE:
        return f'"arn:aws:iam::{OWNER}:role/node"'
    return "aws_iam_role.node.arn"


def called_module(case: Configuration) -> str:
    """Return the code of the module that makes the policy."""
    who = holder(case)
    inside = Principal(who.kind, who.label, "var.holder", Place())
    return "\n".join((block('variable "holder"', "type = string"), *_inline_form(case, inside).blocks))


def _role_of_node(case: Configuration) -> Iterator[str]:
    rights: Mapping[Node, tuple[Statement, ...]] = {
        Node.BARE_PROFILE: (allow("ec2:Describe*"),),
        Node.HEARTBEAT: (allow(HEARTBEAT),),
    }
    yield _role("node", identities(case), _node_trust(case))
    name = "role = aws_iam_role.node.name"
    text = f"policy = {policy(*rights.get(case.node, NODE))}"
    yield resource("aws_iam_role_policy", "node", identities(case), name, text)


def _node_trust(case: Configuration) -> str:
    return trust(Service="ssm.amazonaws.com" if case.node is Node.HYBRID else "ec2.amazonaws.com")


def _declared(case: Configuration, who: Principal, lines: tuple[str, ...]) -> Iterator[str]:
    if who.kind == "role":
        own = (
            _node_trust(case)
            if case.holder is Holder.NODE
            else trust(AWS=f"arn:aws:iam::{account_of_people(case)}:root")
        )
        yield _role(who.label, who.place, own, *lines)
        return
    yield resource(f"aws_iam_{who.kind}", who.label, who.place, setting("name", who.label), *lines)
    if who.kind == "group":
        yield resource("aws_iam_user", "member", who.place, setting("name", "member"))
        members = (setting("name", "members"), f"group = {who.name}", "users = [aws_iam_user.member.name]")
        yield resource("aws_iam_group_membership", "members", who.place, *members)


def _role(label: str, place: Place, trusted: str, *lines: str) -> str:
    return resource("aws_iam_role", label, place, setting("name", label), f"assume_role_policy = {trusted}", *lines)


def _boundary(case: Configuration) -> tuple[str, ...]:
    if case.rights is Rights.BOUNDED:
        return ("permissions_boundary = aws_iam_policy.bounds.arn",)
    return ("permissions_boundary = module.bounds.arn",) if case.unread is Unread.BOUNDARY else ()


def _text(case: Configuration) -> tuple[Statement, ...]:
    return (*allowed(case), *denial(case))


def _customer_policy(label: str, place: Place, statements: tuple[Statement, ...]) -> str:
    return resource("aws_iam_policy", label, place, setting("name", label), f"policy = {policy(*statements)}")


def _arn(case: Configuration, who: Principal) -> tuple[str, tuple[str, ...]]:
    """Return the ARN of the policy in question, and what makes or finds it."""
    of_aws = aws_policy(case)
    if case.form is Form.LOOKED_UP:
        found = block('data "aws_iam_policy" "rights"', who.place.meta, setting("name", of_aws or ""))
        return "data.aws_iam_policy.rights.arn", (found,)
    if of_aws is not None:
        return f'"{_AWS_POLICIES}{of_aws}"', ()
    return "aws_iam_policy.rights.arn", (_customer_policy("rights", who.place, _text(case)),)


def _arns(case: Configuration, arn: str) -> str:
    return f"[{arn}, {_UNKNOWN[case.unread]}]" if case.unread in _UNKNOWN else f"[{arn}]"


def _inline(who: Principal, label: str, statements: tuple[Statement, ...]) -> str:
    lines = (setting("name", label), f"{who.kind} = {who.name}", f"policy = {policy(*statements)}")
    return resource(f"aws_iam_{who.kind}_policy", label, who.place, *lines)


def _attachment(who: Principal, label: str, arn: str) -> str:
    lines = (f"{who.kind} = {who.name}", f"policy_arn = {arn}")
    return resource(f"aws_iam_{who.kind}_policy_attachment", label, who.place, *lines)


def _unknown_policy(case: Configuration, who: Principal, arn: str) -> str:
    if case.form is Form.PERMISSION_SET:
        lines = (_INSTANCE, _SET, f"managed_policy_arn = {arn}")
        return resource("aws_ssoadmin_managed_policy_attachment", "unknown", who.place, *lines)
    return _attachment(who, "unknown", arn)


def _block_form(case: Configuration, _who: Principal) -> _Grant:
    return _Grant((block("inline_policy", setting("name", "rights"), f"policy = {policy(*_text(case))}"),))


def _inline_form(case: Configuration, who: Principal) -> _Grant:
    return _Grant(blocks=(_inline(who, "rights", _text(case)),))


def _attached_form(case: Configuration, who: Principal) -> _Grant:
    arn, made = _arn(case, who)
    return _Grant(blocks=(*made, _attachment(who, "rights", arn)))


def _shared_form(case: Configuration, who: Principal) -> _Grant:
    arn, made = _arn(case, who)
    lines = (setting("name", "rights"), f"{who.kind}s = [{who.name}]", f"policy_arn = {arn}")
    return _Grant(blocks=(*made, resource("aws_iam_policy_attachment", "rights", who.place, *lines)))


def _argument_form(case: Configuration, who: Principal) -> _Grant:
    arn, made = _arn(case, who)
    return _Grant((f"managed_policy_arns = {_arns(case, arn)}",), made)


def _exclusive_form(case: Configuration, who: Principal) -> _Grant:
    arn, made = _arn(case, who)
    lines = (f"{who.kind}_name = {who.name}", f"policy_arns = {_arns(case, arn)}")
    only = resource(f"aws_iam_{who.kind}_policy_attachments_exclusive", "rights", who.place, *lines)
    return _Grant(blocks=(*made, only))


def _module_form(_case: Configuration, who: Principal) -> _Grant:
    call = block('module "grants"', setting("source", "./grants"), who.place.providers, f"holder = {who.name}")
    return _Grant(blocks=(call,))


def _nowhere_form(case: Configuration, who: Principal) -> _Grant:
    return _Grant(blocks=(_customer_policy("rights", who.place, _text(case)),))


def _permission_set_form(case: Configuration, who: Principal) -> _Grant:
    text = f"inline_policy = {policy(*_text(case))}"
    return _Grant(
        blocks=(
            resource("aws_ssoadmin_permission_set", "operator", who.place, setting("name", "operator"), _INSTANCE),
            resource("aws_ssoadmin_permission_set_inline_policy", "rights", who.place, _INSTANCE, _SET, text),
        )
    )


_FORMS: Mapping[Form, Callable[[Configuration, Principal], _Grant]] = {
    Form.BLOCK: _block_form,
    Form.INLINE: _inline_form,
    Form.ATTACHED: _attached_form,
    Form.SHARED: _shared_form,
    Form.ARGUMENT: _argument_form,
    Form.EXCLUSIVE: _exclusive_form,
    Form.LOOKED_UP: _attached_form,
    Form.MODULE: _module_form,
    Form.NAMED_ROLE: _inline_form,
    Form.NAMED_USER: _inline_form,
    Form.NAMED_GROUP: _inline_form,
    Form.NOWHERE: _nowhere_form,
    Form.PERMISSION_SET: _permission_set_form,
}
