"""Session documents: the preferences of a Region, and every other document a session can be started with."""

from dataclasses import dataclass

from ssm_hardening.core.origins import ApiOrigin
from ssm_hardening.core.values import Absent, Items, Known, Record, Text, Value
from ssm_hardening.model.facts import Fact

PREFERENCES_NAME = "SSM-SessionManagerRunShell"
"""The one document whose content applies to every session that names no other (one for each Region)."""

_IDLE_MINUTES = 20


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


def aws_defaults(address: str, exists: Value[bool]) -> SessionDocument:
    """Return what applies where a Region has no preferences document: AWS's own settings, as a document would say it.

    `address` is the ARN that the document would have. Its name is `defaulted`: nobody wrote it. `exists` says whether
    the defaults apply to anything.
    """
    at = ApiOrigin(address, "ssm:ListDocuments")
    absent = Absent(at)
    off = Known(False, at, defaulted=True)
    nothing = Known(Items(()), at, defaulted=True)
    return SessionDocument(
        address=address,
        declaration=address,
        origin=at,
        name=Known(PREFERENCES_NAME, at, defaulted=True),
        exists=exists,
        document_type=Known("Session", at, defaulted=True),
        schema_version=Known("1.0", at, defaulted=True),
        session_type=Known("Standard_Stream", at, defaulted=True),
        default_version=absent,
        latest_version=absent,
        versions_agree=absent,
        changed=absent,
        shared_with=nothing,
        prevent_destroy=absent,
        content_error=absent,
        s3_bucket=absent,
        s3_key_prefix=absent,
        s3_encryption_enabled=off,
        cloudwatch_log_group=absent,
        cloudwatch_encryption_enabled=off,
        cloudwatch_streaming_enabled=off,
        kms_key=absent,
        run_as_enabled=off,
        run_as_default_user=absent,
        idle_session_timeout=Known(_IDLE_MINUTES, at, defaulted=True),
        max_session_duration=absent,
        shell_profile_linux=absent,
        shell_profile_windows=absent,
        parameters=absent,
        properties=absent,
        unknown_keys=nothing,
    )
