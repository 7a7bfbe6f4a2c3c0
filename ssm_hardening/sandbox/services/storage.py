"""What is stored and how it is encrypted: S3's defaults for new buckets, KMS's periods of rotation."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import xmltodict
from moto.core.common_types import TYPE_RESPONSE
from moto.core.responses import ActionResult
from moto.kms.responses import KmsResponse
from moto.s3.models import FakeBucket, PublicAccessBlock, s3_backends
from moto.s3.responses import S3Response

from ssm_hardening.sandbox.services.state import STATES

_LISTS = {"Transition": "Transitions", "NoncurrentVersionTransition": "NoncurrentVersionTransitions"}


def rules_in(body: bytes | str) -> list[dict[str, Any]]:
    """Return the rules of a PutBucketLifecycleConfiguration request, in the shape of the API's answer."""
    told = xmltodict.parse(body)["LifecycleConfiguration"] or {}
    return [_rule(each) for each in _listed(told.get("Rule"))]


def _rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    plain = {key: each for key, each in rule.items() if key not in _LISTS}
    found = {key: _filter(each) if key == "Filter" else ("" if each is None else each) for key, each in plain.items()}
    return found | {word: _listed(rule[key]) for key, word in _LISTS.items() if key in rule}


def _filter(chosen: Mapping[str, Any] | None) -> dict[str, Any]:
    given: dict[str, Any] = {key: "" if each is None else each for key, each in (chosen or {}).items()}
    if isinstance(given.get("Tag"), Mapping):
        given["Tag"] = _tag(given["Tag"])
    both = given.get("And")
    if isinstance(both, Mapping):
        inner = {key: "" if each is None else each for key, each in both.items() if key != "Tag"}
        given["And"] = inner | ({"Tags": [_tag(each) for each in _listed(both["Tag"])]} if "Tag" in both else {})
    return given


def _tag(tag: Mapping[str, Any]) -> dict[str, str]:
    return {"Key": str(tag["Key"]), "Value": str(tag.get("Value") or "")}


def _listed(data: object) -> list[Any]:
    if data is None:
        return []
    return data if isinstance(data, list) else [data]


_OWNERSHIP = "BucketOwnerEnforced"
_SMALLEST = "x-amz-transition-default-minimum-object-size"
_RULES = "ssm_harden_lifecycle"
"""Where a bucket keeps its lifecycle as it was put."""


def give_defaults(bucket: FakeBucket) -> None:
    """Encrypt with SSE-S3, block public access in all four ways, and leave every object to the bucket's owner."""
    _encrypt(bucket)
    bucket.public_access_block = PublicAccessBlock("true", "true", "true", "true")
    # A bucket made with another ownership keeps it: who asks for ACLs gets them. moto stores the text.
    bucket.ownership_rule = bucket.ownership_rule or _OWNERSHIP  # type: ignore[assignment]


class Storage(S3Response):
    """moto's S3 with the defaults of 2023."""

    def _bucket_response_put(self, request: Any, bucket_name: str, querystring: dict[str, Any]) -> str | TYPE_RESPONSE:
        is_new = bucket_name not in s3_backends.bucket_accounts
        answer = super()._bucket_response_put(request, bucket_name, querystring)
        if "lifecycle" in querystring:
            smallest = self.headers.get(_SMALLEST) or "all_storage_classes_128K"
            vars(self.backend.get_bucket(bucket_name))[_RULES] = (rules_in(self.body), smallest)
        if is_new and bucket_name in self.backend.buckets:
            give_defaults(self.backend.buckets[bucket_name])
        return answer

    def get_bucket_lifecycle(self) -> TYPE_RESPONSE:
        """Return the rules word for word."""
        answer = super().get_bucket_lifecycle()
        kept = vars(self.backend.get_bucket(self.bucket_name)).get(_RULES)
        if kept is None:
            return answer
        rules, smallest = kept
        return self.serialized(ActionResult({"Rules": rules, "TransitionDefaultMinimumObjectSize": smallest}))

    def delete_bucket_encryption(self) -> TYPE_RESPONSE:
        """Go back to the default; a bucket without encryption does not exist any more."""
        answer = super().delete_bucket_encryption()
        _encrypt(self.backend.get_bucket(self.bucket_name))
        return answer


def _encrypt(bucket: FakeBucket) -> None:
    bucket.encryption = {
        "Rule": {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": "false"},
    }


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
