"""Every API call that the tool makes to read an account. The auditor's policy is generated from this table."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Call:
    """One operation of one service.

    `service` is boto3's name, `operation` the API's; `action` is what IAM asks for, where it has another name.
    """

    service: str
    operation: str
    iam: str = ""

    @property
    def action(self) -> str:
        """The IAM action that allows the call."""
        return self.iam or str(self)

    def __str__(self) -> str:
        return f"{self.service}:{self.operation}"


GET_CALLER_IDENTITY = Call("sts", "GetCallerIdentity")
