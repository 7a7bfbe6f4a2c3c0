"""CloudWatch Logs: policies that nobody can set here, and that therefore are not there."""

from moto.core.responses import ActionResult
from moto.logs.exceptions import ResourceNotFoundException
from moto.logs.responses import LogsResponse


class Logs(LogsResponse):
    """moto's CloudWatch Logs with two more questions it answers."""

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
