"""KMS: the period of a key's rotation, which moto forgets."""

from datetime import UTC, datetime, timedelta

from moto.core.responses import ActionResult
from moto.kms.responses import KmsResponse

from ssm_hardening.sandbox.services.state import STATES

_DEFAULT_DAYS = 365


class Keys(KmsResponse):
    """moto's KMS with the period of rotation."""

    def enable_key_rotation(self) -> str:
        """Rotate, each year unless told otherwise."""
        answer = super().enable_key_rotation()
        self._periods()[self._key_id()] = self._get_param("RotationPeriodInDays") or _DEFAULT_DAYS
        return answer

    def disable_key_rotation(self) -> str:
        """Rotate no more."""
        answer = super().disable_key_rotation()
        self._periods().pop(self._key_id(), None)
        return answer

    # moto writes JSON where it could return data; both are taken.
    def get_key_rotation_status(self) -> ActionResult:  # type: ignore[override]
        """Say whether a key rotates, how often, and when next."""
        self._validate_cmk_id(self._get_param("KeyId"))
        key = self._key_id()
        if not self.kms_backend.get_key_rotation_status(key):
            return ActionResult({"KeyId": key, "KeyRotationEnabled": False})
        period = self._periods().get(key, _DEFAULT_DAYS)
        return ActionResult(
            {
                "KeyId": key,
                "KeyRotationEnabled": True,
                "RotationPeriodInDays": period,
                "NextRotationDate": datetime.now(UTC) + timedelta(days=period),
            }
        )

    def _key_id(self) -> str:
        return str(self.kms_backend.get_key_id(self._get_param("KeyId")))

    def _periods(self) -> dict[str, int]:
        return STATES[self.current_account, self.region].rotation_periods
