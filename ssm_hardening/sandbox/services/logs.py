"""CloudWatch Logs: keys of groups, and policies that nobody can set here, and that therefore are not there."""

from moto.core.responses import ActionResult
from moto.logs.exceptions import ResourceNotFoundException
from moto.logs.models import LogGroup
from moto.logs.responses import LogsResponse


class Logs(LogsResponse):
    """moto's CloudWatch Logs with a key for each group and two more questions it answers."""

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
