"""CloudWatch Logs and CloudTrail: keys of groups, the event history, and selectors."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from moto.cloudtrail.responses import CloudTrailResponse
from moto.core.responses import ActionResult
from moto.logs.exceptions import ResourceNotFoundException
from moto.logs.models import LogGroup
from moto.logs.responses import LogsResponse

from ssm_hardening.sandbox.services.state import STATES, Item, Refusal, page

_CLASS, _STANDARD = "log_group_class", "STANDARD"


class Logs(LogsResponse):
    """moto's CloudWatch Logs with a key and a class for each group, and more questions it answers."""

    def create_log_group(self) -> str:
        """Keep the class of the group, which cannot be changed later."""
        answer = super().create_log_group()
        setattr(self._group(), _CLASS, self._get_param("logGroupClass") or _STANDARD)
        return answer

    def describe_log_groups(self) -> str:
        """Return the class of each group too."""
        answer = json.loads(super().describe_log_groups())
        for each in answer["logGroups"]:
            found = self.logs_backend.groups[each["logGroupName"]]
            each["logGroupClass"] = getattr(found, _CLASS, _STANDARD)
        return json.dumps(answer)

    def put_resource_policy(self) -> str:
        """Keep the group that a policy belongs to; it has one policy, without a name of its own."""
        group = self._get_param("resourceArn")
        if not group:
            return super().put_resource_policy()
        policy = self.logs_backend.put_resource_policy(str(group), self._get_param("policyDocument"))
        return json.dumps({"resourcePolicy": self._described(policy.describe())})

    def describe_resource_policies(self) -> str:
        """Return the policies of the account, or that of one group."""
        scope, group = self._get_param("policyScope") or "ACCOUNT", self._get_param("resourceArn")
        found = map(self._described, json.loads(super().describe_resource_policies())["resourcePolicies"])
        kept = [each for each in found if each["policyScope"] == scope and group in {None, each.get("resourceArn")}]
        return json.dumps({"resourcePolicies": kept})

    @staticmethod
    def _described(policy: dict[str, Any]) -> dict[str, Any]:
        name = str(policy["policyName"])
        if not name.startswith("arn:"):
            return {**policy, "policyScope": "ACCOUNT"}
        return {**policy, "policyScope": "RESOURCE", "resourceArn": name}

    def describe_account_policies(self) -> ActionResult:
        """Return none."""
        return ActionResult({"accountPolicies": []})

    def get_data_protection_policy(self) -> ActionResult:
        """Return none, for a group that exists."""
        given = str(self._get_param("logGroupIdentifier"))
        name = given.split(":log-group:", 1)[-1].removesuffix(":*")
        if name not in self.logs_backend.groups:
            raise ResourceNotFoundException
        return ActionResult({"logGroupIdentifier": given})

    def associate_kms_key(self) -> ActionResult:
        """Encrypt what comes from now on with the key."""
        self._group().kms_key_id = self._get_param("kmsKeyId")
        return ActionResult({})

    def disassociate_kms_key(self) -> ActionResult:
        """Go back to the encryption of CloudWatch Logs' own."""
        self._group().kms_key_id = None
        return ActionResult({})

    def _group(self) -> LogGroup:
        name = str(self._get_param("logGroupName") or self._get_param("resourceIdentifier"))
        found = self.logs_backend.groups.get(name.split(":log-group:", 1)[-1].removesuffix(":*"))
        if found is None:
            raise ResourceNotFoundException
        return found


_ATTRIBUTES = ("EventId", "EventName", "ReadOnly", "Username", "EventSource", "AccessKeyId")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class CloudTrail(CloudTrailResponse):
    """moto's CloudTrail with what it lacks."""

    def lookup_events(self) -> ActionResult:
        """Return the events that were put, latest first, 50 to a page."""
        wanted = self._get_param("LookupAttributes") or []
        start, end = self._get_param("StartTime"), self._get_param("EndTime")
        found = [
            event
            for event in STATES[self.current_account, self.region].events
            if all(_has(event, one) for one in wanted) and _within(event, start, end)
        ]
        found.sort(key=_time, reverse=True)
        paged = page(found, self._get_param("NextToken"), self._get_param("MaxResults"), most=50)
        return ActionResult({"Events": paged["items"], "NextToken": paged["NextToken"]})

    def describe_trails(self) -> str:
        """Return the trails that are named, by name or ARN; all of them where none is."""
        named = self._get_param("trailNameList") or ()
        listed = json.loads(super().describe_trails())["trailList"]
        wanted = [each for each in listed if not named or {each["Name"], each["TrailARN"]} & set(named)]
        return json.dumps({"trailList": wanted})

    def create_trail(self) -> str:
        """Give a new trail the selector that AWS gives it: all management events."""
        answer = super().create_trail()
        trail = self.cloudtrail_backend.get_trail(self._get_param("Name"))
        trail.event_selectors = [
            {
                "ReadWriteType": "All",
                "IncludeManagementEvents": True,
                "DataResources": [],
                "ExcludeManagementEventSources": [],
            }
        ]
        return answer


def _has(event: Item, wanted: Mapping[str, Any]) -> bool:
    key, value = str(wanted["AttributeKey"]), str(wanted["AttributeValue"])
    match key:
        case "ResourceName" | "ResourceType":
            return any(str(resource.get(key)) == value for resource in event.get("Resources") or ())
        case _ if key in _ATTRIBUTES:
            return str(event.get(key)) == value
        case _:
            raise Refusal("InvalidLookupAttributesException", f"{key} is not a lookup attribute")


def _time(event: Item) -> datetime:
    found = event.get("EventTime")
    return found if isinstance(found, datetime) else _EPOCH


def _within(event: Item, start: float | None, end: float | None) -> bool:
    at = _time(event).timestamp()
    return (start is None or at >= start) and (end is None or at <= end)
