"""IAM and STS: AWS's managed policies in every account, and who calls."""

import json
from copy import copy
from functools import cache
from http import HTTPStatus

from moto.core.common_types import TYPE_RESPONSE
from moto.core.responses import ActionResult
from moto.iam.models import IAMBackend, ManagedPolicy, Role, iam_backends
from moto.sts.responses import TokenResponse

from ssm_hardening.sandbox.server import ACCOUNT
from ssm_hardening.sandbox.services.state import Refusal

_read = IAMBackend._init_aws_policies


def share_policies() -> None:
    """Let each account's IAM copy what the first one read: members of an organization come by the dozen."""
    IAMBackend._init_aws_policies = _copies  # type: ignore[method-assign, assignment]


def _copies(backend: IAMBackend) -> list[ManagedPolicy]:
    found = []
    for policy in _originals(backend.region_name):
        mine = copy(policy)
        mine.account_id = backend.account_id
        found.append(mine)
    return found


@cache
def _originals(partition: str) -> list[ManagedPolicy]:
    """Return the policies of a partition; nobody attaches these, so they stay as they were read."""
    original = IAMBackend.__new__(IAMBackend)
    original.account_id, original.region_name = "", partition
    return _read(original)


_USER_ID = "AIDACKCEVSQ6C2EXAMPLE"

_ISSUED: dict[str, str] = {}
"""Access key → account, for those that AssumeRole gave out."""


def account_of(access_key: str) -> str:
    """Return the account that an access key belongs to; unknown keys are those of the first account's user.

    moto would look through every account's IAM in every partition, and make each one as it goes.
    """
    if access_key in _ISSUED:
        return _ISSUED[access_key]
    for account, partitions in list(iam_backends.items()):
        if "aws" in partitions.keys() and access_key in partitions["aws"].access_keys:  # noqa: SIM118 - moto's `in` answers for all that could be made
            return account
    return ACCOUNT


def forget() -> None:
    """Forget all access keys."""
    _ISSUED.clear()


class SecurityTokens(TokenResponse):
    """moto's STS, which lets nobody assume a role that does not exist."""

    def call_action(self) -> TYPE_RESPONSE:
        """Refuse with AWS's status; moto has 400 for every error that a service's model does not list."""
        status, headers, body = super().call_action()
        if "<Code>AccessDenied</Code>" not in str(body):
            return status, headers, body
        return HTTPStatus.FORBIDDEN, {**headers, "status": str(int(HTTPStatus.FORBIDDEN))}, body

    def get_caller_identity(self) -> ActionResult:
        """Name the first account's user as IAM would; moto words it as no ARN of AWS's."""
        answer = super().get_caller_identity()
        match answer.result:
            case {"Arn": str() as arn} if arn.endswith(":user/moto"):
                arn = f"arn:{self.partition}:iam::{self.current_account}:user/simulated"
                return ActionResult({"UserId": _USER_ID, "Account": self.current_account, "Arn": arn})
            case _:
                return answer

    def assume_role(self) -> ActionResult:
        """Assume a role of any account; its trust policy is not evaluated, but for an external id that it demands."""
        arn = str(self._get_param("RoleArn"))
        role = _role(arn)
        if role is None or not _admits(role, self._get_param("ExternalId")):
            raise _denied(self.current_account, arn)
        answer = super().assume_role()
        match answer.result:
            case {"Credentials": given}:
                _ISSUED[given.access_key_id] = role.account_id
            case _:
                raise TypeError("moto returned an unexpected AssumeRole response")
        return answer


def _role(arn: str) -> Role | None:
    for _account, partitions in list(iam_backends.items()):
        for backend in list(partitions.values()):
            for role in backend.get_roles():
                if role.arn == arn:
                    return role
    return None


def _admits(role: Role, external_id: str | None) -> bool:
    """Say whether the trust policy is content with the external id; nothing else of it is looked at."""
    statements = json.loads(role.assume_role_policy_document or "{}").get("Statement", [])
    demanded = [
        one.get("Condition", {}).get("StringEquals", {}).get("sts:ExternalId")
        for one in (statements if isinstance(statements, list) else [statements])
    ]
    return any(one is None or external_id in ([one] if isinstance(one, str) else one) for one in demanded)


def _denied(account: str, arn: str) -> Refusal:
    return Refusal(
        "AccessDenied",
        f"User: arn:aws:iam::{account}:user/simulated is not authorized to perform: sts:AssumeRole on resource: {arn}",
    )
