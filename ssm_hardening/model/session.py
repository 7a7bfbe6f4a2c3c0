"""Session documents: the preferences of a Region, and every other document a session can be started with."""

from dataclasses import dataclass

from ssm_hardening.model.facts import Fact
from ssm_hardening.values import Items, Record, Text, Value

PREFERENCES_NAME = "SSM-SessionManagerRunShell"
"""The one document whose content applies to every session that names no other (one for each Region)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionDocument(Fact):
    """A document of type Session, its content normalised.

    An empty text counts as not set (Absent). The switches default to false, the idle timeout to 20 minutes (both
    `defaulted`), `session_type` to nothing. Durations are minutes. A switch or number written with another JSON
    type keeps the text in `raw`. `content_error` says what AWS would refuse or ignore in the content, Absent where
    it is well formed. `shared_with` lists account ids or `All`. `unknown_keys` lists keys that AWS does not define.
    Where the content as a whole cannot be read, every field read from it is Unknown for that reason.
    `versions_agree` says whether the default and the latest version hold the same content, as data; `changed` is when
    the latest version was made (ISO 8601, UTC).
    """

    document_type: Value[Text]
    schema_version: Value[Text]
    session_type: Value[Text]
    default_version: Value[Text]
    latest_version: Value[Text]
    versions_agree: Value[bool]
    changed: Value[Text]
    shared_with: Value[Items]
    prevent_destroy: Value[bool]
    content_error: Value[str]
    s3_bucket: Value[Text]
    s3_key_prefix: Value[Text]
    s3_encryption_enabled: Value[bool]
    cloudwatch_log_group: Value[Text]
    cloudwatch_encryption_enabled: Value[bool]
    cloudwatch_streaming_enabled: Value[bool]
    kms_key: Value[Text]
    run_as_enabled: Value[bool]
    run_as_default_user: Value[Text]
    idle_session_timeout: Value[int]
    max_session_duration: Value[int]
    shell_profile_linux: Value[Text]
    shell_profile_windows: Value[Text]
    parameters: Value[Record]
    properties: Value[Record]
    unknown_keys: Value[Items]
