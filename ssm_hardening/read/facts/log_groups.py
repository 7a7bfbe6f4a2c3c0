"""CloudWatch log groups (`aws_cloudwatch_log_group`), and what policies of their Region or account say of them."""

import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from ssm_hardening.core.logic import literal
from ssm_hardening.core.values import Absent, Datum, Inventory, Items, Known, Text, Unknown, Value, Why
from ssm_hardening.iam.statements import Statement
from ssm_hardening.model import Fact, LogGroup
from ssm_hardening.read.converting import by_branch, default, either, json_document, member, number
from ssm_hardening.read.facts.arguments import argument_text, named_fact, number_in, read_each, text_in
from ssm_hardening.read.facts.attachments import Attachments, attachments, gathered, joined, policy, said
from ssm_hardening.read.facts.index import does_not_exist
from ssm_hardening.read.graph import Resource, Resources, Root

GROUP = "aws_cloudwatch_log_group"
FILTER = "aws_cloudwatch_log_subscription_filter"
ACCOUNT_POLICY = "aws_cloudwatch_log_account_policy"
RESOURCE_POLICY = "aws_cloudwatch_log_resource_policy"

_SUBSCRIPTION, _RETENTION = "SUBSCRIPTION_FILTER_POLICY", "RETENTION_POLICY"
_FOREVER = "NEVER_EXPIRE"
_QUOTED = re.compile(r'"([^"]*)"')
_SELECTION = re.compile(r"\s*LogGroupName(Prefix)?\s+(NOT\s+)?IN\s*\[([^\[\]]*)\]\s*", re.IGNORECASE)

PlaceOf = Callable[[Resource], Hashable]


@dataclass(frozen=True, slots=True)
class _Around:
    """What says something of log groups: these policies hold for all groups of their account and Region."""

    filters: Attachments
    policies_of_groups: Attachments
    account_policies: Inventory[Resource]
    resource_policies: Inventory[Resource]
    place_of: PlaceOf

    def at(self, policies: Inventory[Resource], group: Resource) -> list[Resource]:
        """Return the policies of the place of a group."""
        place = self.place_of(group)
        return [each for each in policies if self.place_of(each) == place and not does_not_exist(each.exists)]


def log_groups_of(root: Root, place_of: PlaceOf) -> Inventory[tuple[Resource, LogGroup]]:
    """Return every log group with its resource, used by nobody yet. `place_of` tells whose Region resources are of."""
    resource_policies = root.resources(RESOURCE_POLICY)
    around = _Around(
        filters=attachments(root.resources(FILTER), "log_group_name"),
        policies_of_groups=attachments(resource_policies, "resource_arn"),
        account_policies=root.resources(ACCOUNT_POLICY),
        resource_policies=resource_policies,
        place_of=place_of,
    )
    return read_each(root.resources(GROUP), lambda each: _log_group(each, around))


def _log_group(resource: Resource, around: _Around) -> LogGroup:
    fact, config = named_fact(resource, "name"), resource.config
    policies = around.at(around.account_policies, resource)
    own = said(around.filters.of(fact), lambda config: text_in(config, "destination_arn"))
    days, by = _retention(_own_days(resource), fact.name, policies)
    return LogGroup(
        address=fact.address,
        declaration=fact.declaration,
        origin=fact.origin,
        name=fact.name,
        exists=fact.exists,
        kms_key=text_in(config, "kms_key_id"),
        retention_days=days,
        retention_policy=by,
        used_by=Known(Items(()), resource.at),
        copied_to=gathered((*own, *_account_wide(policies, around.account_policies, fact.name)), resource.at),
        log_class=default(text_in(config, "log_group_class"), "STANDARD"),
        statements=joined(_statements(resource, fact, around)),
    )


def _own_days(resource: Resource) -> Value[int]:
    """Return the group's own retention; 0 is for ever."""
    return by_branch(number_in(resource.config, "retention_in_days"), _unless_forever)


def _unless_forever(days: Known[int]) -> Value[int]:
    return Absent(days.at) if days.value == 0 else days


def _account_wide(policies: Iterable[Resource], found: Inventory[Resource], name: Value[Text]) -> Iterator[Value[Text]]:
    """Yield where subscription policies of the whole account send a group's events, unless they leave it out.

    Code that was not read may declare one, as other code of the account may: no rule passes for that.
    """
    for each in policies:
        selected = _selects(each, name) if _may_be(each, _SUBSCRIPTION) else False
        doubt = each.exists if isinstance(each.exists, Unknown) else selected
        if isinstance(doubt, Unknown):
            yield from () if selected is False else (doubt,)
        elif selected:
            document = json_document(each.config.get("policy_document"))
            yield argument_text(member(document, ("DestinationArn",)), "DestinationArn")
    if found.gap is not None and not isinstance(found, Resources):
        yield found.gap


def _may_be(account_policy: Resource, kind: str) -> bool:
    written = text_in(account_policy.config, "policy_type")
    return not isinstance(written, Known) or written.value == kind


def _retention(own: Value[int], name: Value[Text], policies: Iterable[Resource]) -> tuple[Value[int], Value[Text]]:
    """Return how long events are kept, and which policy of the account says so: it takes the place of the group's own.

    Of several policies the longest retention holds.
    """
    sure: list[tuple[Value[int], Resource]] = []
    doubted: list[tuple[Value[int], Unknown]] = []
    for each in policies:
        if _may_be(each, _RETENTION):
            document = json_document(each.config.get("policy_document"))
            days = by_branch(member(document, ("retentionInDays",)), _days)
            doubt = _applies(each, member(document, ("enforcementMode",)), name)
            if isinstance(doubt, Unknown):
                doubted.append((days, doubt))
            elif doubt:
                sure.append((days, each))
    certain = [days for days, _ in sure]
    kept = _longest(certain) if sure else own
    by: Value[Text] = text_in(sure[0][1].config, "policy_name") if sure else Absent(own.at)
    for days, doubt in doubted:
        kept = either(doubt, [kept, _longest([days, *certain])])
    return kept, by


def _days(known: Known[Datum]) -> Value[int]:
    return Absent(known.at) if known.value == _FOREVER else number(known, "retentionInDays")


def _applies(each: Resource, mode: Value[Datum], name: Value[Text]) -> Unknown | bool:
    """Say whether a retention policy is about a group, or why that is not known."""
    selected, at = _selects(each, name), each.at
    if selected is not True:
        return selected
    kind = text_in(each.config, "policy_type")
    if isinstance(kind, Unknown) or isinstance(each.exists, Unknown):
        return kind if isinstance(kind, Unknown) else Unknown(Why.COMPUTED, at, f"whether {each.address} exists")
    if isinstance(mode, Known) and mode.value == "RETROACTIVE":
        return True
    return Unknown(Why.COMPUTED, at, f"whether {each.address} is older than the log group")


def _selects(each: Resource, name: Value[Text]) -> Unknown | bool:
    """Say whether an account policy selects a log group: without criteria, it selects all."""
    criteria, group = text_in(each.config, "selection_criteria"), literal(name)
    if isinstance(criteria, Absent):
        return True
    written = _SELECTION.fullmatch(literal(criteria) or "")
    if written is None or group is None:
        return Unknown(Why.COMPUTED, each.at, f"whether {each.address} applies to the log group")
    by_prefix, others, listed = written.groups()
    names = tuple(_QUOTED.findall(listed))
    return (group.startswith(names) if by_prefix else group in names) is not bool(others)


def _longest(values: Sequence[Value[int]]) -> Value[int]:
    """Return the longest retention: for ever (Absent) is longer than any."""
    ordered: list[Value[int]] = [value for value in values if not isinstance(value, Known)]
    ordered.sort(key=lambda value: isinstance(value, Unknown))
    known = [value for value in values if isinstance(value, Known)]
    return next(iter((*ordered, *sorted(known, key=lambda days: -days.value))))


def _statements(group: Resource, fact: Fact, around: _Around) -> Iterator[Inventory[Statement]]:
    """Yield the resource policies of the group's Region, and those of the group itself."""
    for each in around.at(around.resource_policies, group):
        if isinstance(text_in(each.config, "resource_arn"), Absent):
            yield _written(each, each.exists if isinstance(each.exists, Unknown) else None)
    attached = around.policies_of_groups.of(fact)
    for found in attached:
        yield _written(found.resource, found.doubt)
    if around.resource_policies.gap is not None and not isinstance(around.resource_policies, Resources):
        yield Inventory((), around.resource_policies.gap)


def _written(resource: Resource, doubt: Unknown | None) -> Inventory[Statement]:
    return policy(resource.config, "policy_document") if doubt is None else Inventory((), doubt)
