"""Examples of what policies say: the request that they allow, and what was asked of them where they allow nothing."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from ssm_hardening.core.logic import is_no, known_or
from ssm_hardening.core.values import Known, Reference, Template, Text, Unknown, Value
from ssm_hardening.iam.analysis import speaking
from ssm_hardening.iam.conditions import Condition, conditions_of
from ssm_hardening.iam.decisions import Allowed, Decision, Denied, Policies, Undetermined, decide
from ssm_hardening.iam.requests import CALLER_ACCOUNT, CALLER_REGION, Asked, Counterexample, Request, heard_apart
from ssm_hardening.iam.statements import Statement
from ssm_hardening.iam.texts import members

ANYBODY = "*"
"""The principal of a request that a stranger makes."""


def asked_of(requests: Iterable[Request]) -> Asked | None:
    """Return what these requests ask, each question once; None where there are none."""
    found = {(each.action, readable(each.resource)) for each in requests}
    if not found:
        return None
    actions, resources = {action for action, _ in found}, {_kind_of(resource) for _, resource in found}
    return Asked(actions=tuple(sorted(actions)), resources=tuple(sorted(resources)), requests=len(found))


_FIELDS = 6


def _kind_of(resource: str) -> str:
    """Return the service and type in an ARN: `iam:role`."""
    fields = resource.split(":", _FIELDS - 1)
    if len(fields) < _FIELDS:
        return resource
    kind, slash, _ = fields[-1].replace(":", "/").partition("/")
    if fields[2] == "s3":
        return "s3:object" if slash else "s3:bucket"
    return f"{fields[2]}:{kind}" if slash else fields[2]


def counterexample(allowed: Allowed, *keys: str) -> Counterexample | None:
    """Return the request that is allowed; None where the decision does not say which. `keys` matter in any case."""
    request, policies = allowed.request, allowed.policies
    if request is None or policies is None:
        return None
    statements = deciding(allowed)
    return Counterexample(
        principal=principal_of(request),
        action=request.action,
        resource=readable(request.resource),
        context=context_of(request, statements, policies, keys),
        by=tuple(dict.fromkeys(each.at for each in statements)),
        also=_also(allowed),
    )


def _also(allowed: Allowed) -> tuple[Counterexample, ...]:
    """Return the requests that are allowed beside, each once."""
    found = (counterexample(each) for each in allowed.beside)
    return tuple(dict.fromkeys(each for each in found if each is not None))


def deciding(decision: Decision) -> tuple[Statement, ...]:
    """Return the statements that decide: those that grant it and let it through, or the one that denies it."""
    match decision:
        case Allowed(by=by, request=Request() as request, policies=Policies() as policies):
            return (by, *_limits(request, policies))
        case Allowed(by) | Denied(Statement() as by):
            return (by,)
        case Denied() | Undetermined():
            return ()


def example_of(decision: Decision, *keys: str) -> Counterexample | None:
    """Return the request that is allowed, if it is. `keys` matter, whether a policy asks for them or not."""
    return counterexample(decision, *keys) if isinstance(decision, Allowed) else None


def example_of_all(first: Decision, *others: Decision) -> Counterexample | None:
    """Return the request of the first grant, with those of the others, which it takes as well."""
    example = example_of(first)
    if example is None:
        return None
    also = (example_of(each) for each in others)
    return replace(example, also=tuple(each for each in also if each is not None))


def stranger_allowed(statement: Statement, principal: str) -> Counterexample:
    """Return what a resource policy allows to somebody else, as its statement has it: the first action and resource."""
    return Counterexample(
        principal=ANYBODY if principal == "everybody" else principal,
        action=_first(statement.actions, "any action but those listed"),
        resource=_first(statement.resources, "the resource of the policy"),
        context=tuple(_as_written(statement)),
        by=(statement.at,),
    )


_GIVEN = re.compile(r"(?:for(?:any|all)values:)?(?:bool|(?:string|arn|numeric|date)(?:equals|like|equalsignorecase))")


def _as_written(statement: Statement) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the keys that a statement asks for by their values, each with the first of these."""
    for item in conditions_of(statement):
        if isinstance(item, Condition) and _GIVEN.fullmatch(item.operator):
            yield spelled(item.key), _texts(item.values)[:1]


def _first(listed: Value[object], otherwise: str) -> str:
    found = (each.value for each in members(listed) if isinstance(each, Known))  # type: ignore[arg-type]
    text = next(found, None)
    return readable(text) if isinstance(text, str | Reference | Template) else otherwise


def _limits(request: Request, policies: Policies) -> Iterator[Statement]:
    """Yield the statements of boundaries and guardrails that let the request through."""
    with heard_apart():
        for layer in (policies.boundary, policies.session, *policies.guardrails):
            decision = None if layer is None else decide(request, Policies(identity=layer))
            if isinstance(decision, Allowed):
                yield decision.by


def principal_of(request: Request) -> str:
    """Return who makes a request: the ARN, or the address in code."""
    who = known_or(request.principal, ANYBODY)
    if isinstance(who, Reference) and who.attribute == "arn":
        return who.address
    text = readable(who)
    return ANYBODY if f"::{STRANGERS}:" in text else text


STRANGERS = "999999999999"
"""The account that a stranger is taken to be of."""


def context_of(
    request: Request, statements: Iterable[Statement], policies: Policies, more: tuple[str, ...] = ()
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the keys of the request that these statements ask for, and every Deny on the action; `more` as well.

    What the caller says of the role that is passed, and of tags that are set, is part of what is asked.
    """
    asking_too = (*statements, *_speaking(request, policies, "Deny"))
    conditions = (each for statement in asking_too for each in conditions_of(statement))
    said = (key for key in request.context if key.startswith(_SAID))
    keys = sorted({*more, *said, *(each.key for each in conditions if isinstance(each, Condition))})
    found = ((key, request.value(key)) for key in keys if key in request.context or key.startswith(request.settled))
    return tuple((spelled(key), _texts(value)) for key, value in found if not isinstance(value, Unknown))


_SAID = ("iam:passedtoservice", "aws:tagkeys", "aws:requesttag/")


def asking(request: Request, policies: Policies) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the keys of the request that any statement on the action asks for."""
    return context_of(request, _speaking(request, policies, "Allow"), policies)


def _speaking(request: Request, policies: Policies, effect: str) -> Iterator[Statement]:
    for layer in (policies.identity, policies.boundary, policies.session, *policies.guardrails, policies.resource):
        found = () if layer is None else speaking(layer.items, effect, request.action)
        yield from (statement for statement, speaks in found if not is_no(speaks))


def _texts(value: Value[object]) -> tuple[str, ...]:
    if not isinstance(value, Known):
        return ()
    return tuple(
        readable(each.value) if isinstance(each, Known) else "<unknown>"
        for each in members(value)  # type: ignore[arg-type]
    )


def readable(text: Text) -> str:
    """Return a text as users of Terraform read it: its holes in angle brackets, or as references."""
    if not isinstance(text, Template):
        return str(text)
    return "".join(part if isinstance(part, str) else _hole(part) for part in text.parts)


def _hole(part: Reference | Unknown) -> str:
    if isinstance(part, Unknown):
        return "<unknown>"
    return _OWN.get((part.address, part.attribute), f"${{{part}}}")


_OWN = {
    (CALLER_ACCOUNT.address, CALLER_ACCOUNT.attribute): "<account>",
    (CALLER_REGION.address, CALLER_REGION.attribute): "<region>",
}

_SPELLED = (
    "aws:CalledVia", "aws:CurrentTime", "aws:EpochTime", "aws:MultiFactorAuthAge", "aws:MultiFactorAuthPresent",
    "aws:PrincipalAccount", "aws:PrincipalArn", "aws:PrincipalOrgID", "aws:PrincipalOrgPaths", "aws:PrincipalType",
    "aws:RequestedRegion", "aws:ResourceAccount", "aws:ResourceOrgID", "aws:SecureTransport", "aws:SourceAccount",
    "aws:SourceArn", "aws:SourceIp", "aws:SourceVpc", "aws:SourceVpce", "aws:TagKeys", "aws:TokenIssueTime",
    "aws:UserAgent", "aws:ViaAWSService", "aws:VpcSourceIp", "ec2:CreateAction", "iam:AssociatedResourceArn",
    "iam:AWSServiceName", "iam:PassedToService", "iam:PermissionsBoundary", "iam:PolicyARN", "kms:CallerAccount",
    "kms:ViaService", "ssm:SessionDocumentAccessCheck", "sts:ExternalId", "sts:RoleSessionName", "sts:SourceIdentity",
)  # fmt: skip
_PREFIXES = (
    "ssm:resourceTag/",
    "aws:PrincipalTag/",
    "aws:RequestTag/",
    "aws:ResourceTag/",
    "ec2:ResourceTag/",
    "iam:ResourceTag/",
)
_AS_SPELLED = {each.casefold(): each for each in _SPELLED}


def spelled(key: str) -> str:
    """Return a condition key as AWS spells it."""
    for prefix in _PREFIXES:
        if key.startswith(prefix.casefold()):
            return f"{prefix}{key[len(prefix) :]}"
    return _AS_SPELLED.get(key, key)
