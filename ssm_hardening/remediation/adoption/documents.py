"""A session document of the account as a call of module `session-preferences`: every value kept, or none taken over."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from shlex import quote

from ssm_hardening.core.redaction import holds_secret
from ssm_hardening.core.values import Known
from ssm_hardening.model import PREFERENCES_NAME, SessionDocument
from ssm_hardening.remediation.adoption.objects import (
    Adopted,
    Data,
    LiveSettings,
    NotAdoptableError,
    imports,
    listed,
    record,
    texts,
)
from ssm_hardening.remediation.changes import Phase
from ssm_hardening.remediation.plan import FromExpression, FromVariable, ModuleInput

Settings = Mapping[tuple[str, ...], ModuleInput]
"""What is to be set, by its path in the content (`("inputs", "kmsKeyId")`)."""

_TOP = frozenset({"schemaVersion", "description", "sessionType", "inputs", "parameters", "properties"})
_SWITCHES = {
    "s3EncryptionEnabled": "s3_encryption_enabled",
    "cloudWatchEncryptionEnabled": "cloudwatch_encryption_enabled",
    "cloudWatchStreamingEnabled": "cloudwatch_streaming_enabled",
    "runAsEnabled": "run_as_enabled",
}
_NAMES = {"s3BucketName": "s3_bucket_name", "cloudWatchLogGroupName": "log_group_name", "kmsKeyId": "kms_key_arn"}
_TEXTS = {"s3KeyPrefix": "s3_key_prefix", "runAsDefaultUser": "run_as_default_user"}
_MINUTES = {
    "idleSessionTimeout": "idle_session_timeout_minutes",
    "maxSessionDuration": "max_session_duration_minutes",
}
_NEEDS = {
    "s3EncryptionEnabled": "s3BucketName",
    "cloudWatchEncryptionEnabled": "cloudWatchLogGroupName",
    "cloudWatchStreamingEnabled": "cloudWatchLogGroupName",
}
"""Switches that the module turns on for their destination alone."""

_PRIVILEGED = frozenset(
    {"root", "toor", "ssm-user", "ec2-user", "ubuntu", "admin", "administrator", "centos", "debian", "fedora"}
    | {"rocky", "almalinux", "cloud-user", "bitnami"}
)
"""Users that the module refuses as the default."""


def module_inputs(content: Data, settings: Settings) -> dict[str, ModuleInput]:
    """Return the inputs with which the module writes the content, and what is to be set in it.

    Raises NotAdoptableError where the content says something that the module would drop or change unasked.
    """
    document = record(content, "the content")
    _demand_head(document, settings)
    held: dict[str, ModuleInput] = {**record(document.get("inputs"), "inputs")}
    held |= {path[1]: value for path, value in settings.items() if path[0] == "inputs" and len(path) > 1}
    profile = record(held.pop("shellProfile", None), "shellProfile")  # type: ignore[arg-type] # nothing sets it
    strange = [key for key, value in held.items() if not _is_known(key) and value not in ("", None)]
    if strange:
        raise NotAdoptableError(f"the document has {', '.join(strange)}, which module session-preferences cannot keep")
    inputs: dict[str, ModuleInput] = {name: held.get(key) or None for key, name in _NAMES.items()}
    inputs |= {name: held.get(key) or "" for key, name in _TEXTS.items()}
    inputs |= {name: _switch(key, held) for key, name in _SWITCHES.items()}
    inputs |= {name: _minutes(key, held.get(key)) for key, name in _MINUTES.items()}
    _demand_destination(inputs)
    described = document.get("description")
    return {**inputs, "shell_profile": _profile(profile), "description": None if described is None else str(described)}


def _is_known(key: str) -> bool:
    return any(key in table for table in (_SWITCHES, _NAMES, _TEXTS, _MINUTES))


def _demand_head(document: Mapping[str, Data], settings: Settings) -> None:
    strange = [key for key, each in document.items() if key not in _TOP and each]
    strange += [key for key in ("parameters", "properties") if document.get(key)]
    if strange:
        raise NotAdoptableError(f"the document has {', '.join(strange)}, which module session-preferences cannot keep")
    for key, right in (("schemaVersion", "1.0"), ("sessionType", "Standard_Stream")):
        if document.get(key) != right and (key,) not in settings:
            raise NotAdoptableError(
                f"{key} of the document is {document.get(key)}, and module session-preferences writes {right}"
            )


def _switch(key: str, held: Mapping[str, ModuleInput]) -> ModuleInput:
    match held.get(key):
        case bool() as flag:
            _demand_sense(key, held, on=flag)
            return flag
        case "true" | "false" as text if key != "cloudWatchStreamingEnabled":
            _demand_sense(key, held, on=text == "true")
            return text == "true"
        case None | "":
            return False
        case other:
            raise NotAdoptableError(
                f"{key} of the document is {other!r}, which the agent may not read as the module does"
            )


def _demand_sense(key: str, held: Mapping[str, ModuleInput], *, on: bool) -> None:
    needed = _NEEDS.get(key)
    if on and needed is not None and not held.get(needed):
        raise NotAdoptableError(
            f"{key} of the document is on without {needed}, and only the owner knows which of the two is wrong"
        )


def _minutes(key: str, value: ModuleInput) -> ModuleInput:
    match value:
        case None | "":
            return None
        case str() as text if text.isdecimal():
            return int(text)
        case other:
            raise NotAdoptableError(f"{key} of the document is {other!r}, which is not a number of minutes as text")


def _profile(profile: Mapping[str, Data]) -> ModuleInput:
    strange = [key for key in profile if key not in {"linux", "windows"}]
    if strange:
        raise NotAdoptableError(
            f"shellProfile of the document has {', '.join(strange)}, which module session-preferences cannot keep"
        )
    secret = [key for key, text in sorted(profile.items()) if holds_secret(str(text))]
    if secret:
        raise NotAdoptableError(
            f"shellProfile ({', '.join(secret)}) of the document contains a secret, and secrets are not written to "
            "files"
        )
    return {key: str(text) for key, text in sorted(profile.items()) if text}


def _demand_destination(inputs: Mapping[str, ModuleInput]) -> None:
    if inputs["s3_bucket_name"] is None and inputs["log_group_name"] is None:
        raise NotAdoptableError("the document names no destination, and module session-preferences requires one")
    match inputs["run_as_default_user"]:
        case str() as user if user.lower() in _PRIVILEGED:
            raise NotAdoptableError(
                f"the Run As user {user} of the document is privileged, and module session-preferences does not accept "
                "that"
            )
        case FromExpression() | FromVariable() | str() | _:
            pass


MODULE = "session-preferences"
RESOURCE = "aws_ssm_document.this"
_KIND = "aws_ssm_document"


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRequest:
    """What is asked of a document, by several findings: `settings` are set in its content, for the rules in `closes`.

    `unshare` says that it may be shared no more; `stores` are names of adopted stores and the outputs that stand for
    them.
    """

    label: str
    settings: Settings
    closes: Sequence[str]
    unshare: bool
    stores: Mapping[str, ModuleInput]


def adopt_document(document: SessionDocument, live: LiveSettings, request: DocumentRequest) -> Adopted:
    """Return the call and the import. Raises NotAdoptableError where something of the document would be lost."""
    live.demand_read()
    if not isinstance(document.name, Known) or not live.has(_KIND):
        raise NotAdoptableError("the document was not found in the account")
    name = str(document.name.value)
    _demand_one_version(name, live)
    if listed(live.data(_KIND, "Permissions"), "Permissions") and not request.unshare:
        raise NotAdoptableError(
            "the document is shared with other accounts, and module session-preferences would stop sharing it"
        )
    inputs = module_inputs(live.data(_KIND, "Content"), request.settings)
    for key in ("s3_bucket_name", "log_group_name"):
        given = inputs[key]
        inputs[key] = request.stores.get(given, given) if isinstance(given, str) else given
    tags = texts(live.data(_KIND, "Tags"))
    return Adopted(
        fact=document,
        label=request.label,
        module=MODULE,
        resource=RESOURCE,
        inputs={
            **inputs,
            **({} if name == PREFERENCES_NAME else {"document_name": name}),
            **({"tags": tags} if tags else {}),
        },
        imports=imports(request.label, {_KIND: RESOURCE}, live),
        closes=tuple(dict.fromkeys(request.closes)),
        phase=Phase.PREFERENCES,
        note="Imports the document. Only the settings that a finding names change.",
    )


def _demand_one_version(name: str, live: LiveSettings) -> None:
    """Raise NotAdoptableError where the default is not the latest version, which alone AWS lets anybody update."""
    latest, default = (live.data(_KIND, key) for key in ("DocumentVersion", "DefaultVersion"))
    if default is not None and latest is not None and default != latest:
        command = (
            f"aws ssm update-document-default-version --name {quote(name)} --document-version {quote(str(latest))}"
        )
        raise NotAdoptableError(
            f"the default version of the document is {default}, the latest is {latest}, and only the latest can be "
            f"updated; compare the two, then make the right one the default ({command})"
        )
