"""What the policies of a node's role grant to whoever has a shell on it; service control policies are not read."""

from collections.abc import Iterator
from dataclasses import replace

from ssm_hardening.access.people import person_of
from ssm_hardening.access.requests import request
from ssm_hardening.iam.analysis import applies_to, has_effect
from ssm_hardening.iam.decisions import Allowed, Decision, Denied, Undetermined, decide
from ssm_hardening.iam.logic import is_no
from ssm_hardening.iam.statements import Statement
from ssm_hardening.iam.texts import members
from ssm_hardening.model import Account, Role
from ssm_hardening.origins import ApiOrigin
from ssm_hardening.values import Inventory, Known, Reference, Template, Text

_SAMPLE = "any-0123456789abcdef0"


def allows(  # noqa: PLR0913 - what a request and its policies consist of
    account: Account,
    role: Role,
    action: str,
    resource: Text,
    *,
    address: str | None = None,
    resource_policy: Inventory[Statement] | None = None,
    key_policy: bool = False,
    undeclared: bool = False,
) -> Decision:
    """Say whether the role's policies allow one request; a node has no MFA device.

    `resource_policy` is the resource's own (`key_policy`: a key's), `undeclared` says that nothing declared is meant.
    """
    asked = request(account, role, action, resource, address=address, undeclared=undeclared)
    context = {key: value for key, value in asked.context.items() if not key.startswith("aws:multifactor")}
    policies = replace(person_of(role).policies, resource=resource_policy, key_policy=key_policy)
    return decide(replace(asked, context=context), policies)


def grants(account: Account, role: Role, action: str, probe: Text) -> Decision:
    """Say whether the policies grant an action on anything at all: on the probe, or on what a statement names."""
    resources: list[Text] = [probe]
    for statement in role.statements:
        if is_no(has_effect(statement, "Allow")) or is_no(applies_to(statement, action)):
            continue
        resources += [
            _sample(item.value)
            for item in members(statement.resources)
            if isinstance(item, Known) and item.value != "*"
        ]
    return _strongest(
        [allows(account, role, action, each, address=_address(each)) for each in dict.fromkeys(resources)]
    )


def _sample(text: Text) -> Text:
    """Return a resource that the pattern of a statement means."""
    match text:
        case str():
            return text.replace("*", _SAMPLE).replace("?", "a")
        case Template(parts):
            return Template(tuple(each.replace("*", _SAMPLE) if isinstance(each, str) else each for each in parts))
        case Reference():
            return text


def _address(text: Text) -> str | None:
    return text.address if isinstance(text, Reference) else None


def _strongest(decisions: list[Decision]) -> Decision:
    """Return the grant where there is one, else the doubt, else the refusal."""
    for kind in (Allowed, Undetermined):
        for each in decisions:
            if isinstance(each, kind):
                return each
    return decisions[0] if decisions else Denied(None, "no statement allows it")


def policy_of(statement: Statement) -> str:
    """Return the name of the policy a statement was read from, with its article; its place where that has no name."""
    match statement.at:
        case ApiOrigin(arn) if ":policy/" in arn:
            return arn.rpartition("/")[2]
        case _:
            return "its policy"


def actions_of(statement: Statement) -> Iterator[str]:
    """Yield the actions that a statement lists and that are known."""
    yield from (
        each.value for each in members(statement.actions) if isinstance(each, Known) and isinstance(each.value, str)
    )
