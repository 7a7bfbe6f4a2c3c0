"""Systems Manager as a whole: its service settings, sessions, and tags."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from moto.core.responses import ActionResult, BaseResponse, EmptyResult
from moto.ssm.responses import SimpleSystemManagerResponse

from ssm_hardening.sandbox.services.commands import Commands
from ssm_hardening.sandbox.services.documents import Documents
from ssm_hardening.sandbox.services.nodes import ManagedNodes
from ssm_hardening.sandbox.services.registration import Registration
from ssm_hardening.sandbox.services.state import STATES, Item, Refusal, page, revive

_DEFAULTS = {
    "/ssm/appmanager/appmanager-enabled": "False",
    "/ssm/automation/customer-script-log-destination": "$None",
    "/ssm/automation/customer-script-log-group-name": "$None",
    "/ssm/automation/enable-adaptive-concurrency": "False",
    "/ssm/documents/console/public-sharing-permission": "Enable",
    "/ssm/managed-instance/activation-tier": "standard",
    "/ssm/managed-instance/default-ec2-instance-management-role": "$None",
    "/ssm/opsinsights/opscenter": "Disabled",
    "/ssm/parameter-store/default-parameter-tier": "Standard",
    "/ssm/parameter-store/high-throughput-enabled": "false",
}

_ALLOWED = {
    "/ssm/documents/console/public-sharing-permission": {"Enable", "Disable"},
    "/ssm/managed-instance/activation-tier": {"standard", "advanced"},
}

_LAUNCH = datetime(2020, 1, 1, tzinfo=UTC)


class Settings(BaseResponse):
    """Operations of `ssm` on service settings."""

    def get_service_setting(self) -> ActionResult:
        """Return the setting as customized, else its default."""
        return ActionResult({"ServiceSetting": self._setting(self._setting_id())})

    def update_service_setting(self) -> ActionResult:
        """Customize one setting, at once."""
        setting, value = self._setting_id(), self._get_param("SettingValue")
        if value not in _ALLOWED.get(setting, {value}):
            raise Refusal("ValidationException", f"{value} is not a valid value for setting {setting}")
        STATES[self.current_account, self.region].settings[setting] = {
            "SettingValue": value,
            "Status": "Customized",
            "LastModifiedDate": datetime.now(UTC),
            "LastModifiedUser": f"arn:{self.partition}:iam::{self.current_account}:root",
        }
        return EmptyResult()

    def reset_service_setting(self) -> ActionResult:
        """Go back to the default, and return it."""
        setting = self._setting_id()
        STATES[self.current_account, self.region].settings.pop(setting, None)
        return ActionResult({"ServiceSetting": self._setting(setting)})

    def _setting_id(self) -> str:
        """Return the path that was given, or that of the ARN that was given."""
        given = str(self._get_param("SettingId"))
        path = "/" + given.split(":servicesetting/", 1)[-1].lstrip("/")
        if path not in _DEFAULTS:
            raise Refusal("ServiceSettingNotFound", f"Setting {given} was not found")
        return path

    def _setting(self, setting: str) -> Item:
        default = {
            "SettingValue": _DEFAULTS[setting],
            "Status": "Default",
            "LastModifiedDate": _LAUNCH,
            "LastModifiedUser": "System",
        }
        return {
            **STATES[self.current_account, self.region].settings.get(setting, default),
            "SettingId": setting,
            "ARN": f"arn:{self.partition}:ssm:{self.region}:{self.current_account}:servicesetting{setting}",
        }


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_FILTERS: dict[str, Callable[[Item, str], bool]] = {
    "InvokedAfter": lambda item, value: _started(item) >= _moment(value),
    "InvokedBefore": lambda item, value: _started(item) < _moment(value),
    "Target": lambda item, value: item.get("Target") == value,
    "Owner": lambda item, value: item.get("Owner") == value,
    "Status": lambda item, value: item.get("Status") == value,
    "SessionId": lambda item, value: item.get("SessionId") == value,
    "AccessType": lambda item, value: item.get("AccessType", "Standard") == value,
}


class Sessions(BaseResponse):
    """Operations of `ssm` on sessions."""

    def describe_sessions(self) -> ActionResult:
        """Sessions of one state, latest first, up to 200 to a page."""
        state = self._get_param("State")
        if state not in {"Active", "History"}:
            raise Refusal(
                "ValidationException",
                f"Value '{state}' at 'state' failed to satisfy constraint: Member must satisfy enum value set: "
                "[History, Active]",
            )
        tests = [_test(one) for one in self._get_param("Filters") or ()]
        found = [
            item
            for item in STATES[self.current_account, self.region].sessions
            if _is_active(item) is (state == "Active") and all(test(item) for test in tests)
        ]
        found.sort(key=_started, reverse=True)
        paged = page(found, self._get_param("NextToken"), self._get_param("MaxResults"), most=200)
        return ActionResult({"Sessions": paged["items"], "NextToken": paged["NextToken"]})


def _test(given: Mapping[str, Any]) -> Callable[[Item], bool]:
    key, value = given["key"], given["value"]
    if key not in _FILTERS:
        raise Refusal("InvalidFilterKey", f"The specified key isn't valid: {key}")
    return lambda item: _FILTERS[key](item, value)


def _is_active(item: Item) -> bool:
    return item.get("EndDate") is None and item.get("Status") not in {"Terminated", "Failed"}


def _started(item: Item) -> datetime:
    found = item.get("StartDate")
    return found if isinstance(found, datetime) else _EPOCH


def _moment(text: str) -> datetime:
    found = revive(text)
    if not isinstance(found, datetime):
        raise Refusal("ValidationException", f"{text} is not a valid date")
    return found


_OURS = {"Association", "Automation", "ManagedInstance"}


class Tags(SimpleSystemManagerResponse):
    """Operations of `ssm` on tags; those of moto's own resources stay moto's."""

    def add_tags_to_resource(self) -> ActionResult:
        """Add or replace tags."""
        if self._get_param("ResourceType") not in _OURS:
            return super().add_tags_to_resource()
        self._tags().update({tag["Key"]: tag["Value"] for tag in self._get_param("Tags")})
        return EmptyResult()

    def remove_tags_from_resource(self) -> ActionResult:
        """Remove tags."""
        if self._get_param("ResourceType") not in _OURS:
            return super().remove_tags_from_resource()
        for key in self._get_param("TagKeys"):
            self._tags().pop(key, None)
        return EmptyResult()

    def list_tags_for_resource(self) -> ActionResult:
        """List tags."""
        if self._get_param("ResourceType") not in _OURS:
            return super().list_tags_for_resource()
        return ActionResult({"TagList": [{"Key": key, "Value": value} for key, value in self._tags().items()]})

    def _tags(self) -> dict[str, str]:
        state = STATES[self.current_account, self.region]
        return state.tags[self._get_param("ResourceType"), self._get_param("ResourceId")]


class SystemsManager(Commands, Tags, Documents, ManagedNodes, Sessions, Settings, Registration):
    """moto's Systems Manager with what it lacks."""
