"""Systems Manager's service settings: all that AWS has, with their defaults."""

from datetime import UTC, datetime

from moto.core.responses import ActionResult, BaseResponse, EmptyResult

from ssm_hardening.sandbox.services.refusals import Refusal
from ssm_hardening.sandbox.services.state import STATES, Item

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
