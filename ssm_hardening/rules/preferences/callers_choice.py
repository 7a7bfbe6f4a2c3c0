"""What whoever starts a session may choose for himself: PREF-13."""

from collections.abc import Iterator, Mapping

from ssm_hardening.core.logic import certainly, known_or, mapped, text_of
from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Reference, Text, Unknown, Value, Why
from ssm_hardening.model import SessionDocument
from ssm_hardening.model.placeholders import declared, is_stored, leaves_a_choice, placeholders
from ssm_hardening.rules.kit.checks import Check, conclude, gaps, when
from ssm_hardening.rules.kit.subjects import session_documents
from ssm_hardening.rules.registry import Context, rule
from ssm_hardening.verdicts.findings import Passed, Question, Requirement, Severity, Verdict


@rule(
    id="PREF-13",
    title="Callers cannot choose logging, keys or identity",
    severity=Severity.HIGH,
    over=session_documents,
    question=Question.AUDIT,
    requirement=Requirement.AUDITING,
    manual="write fixed values in place of the parameters named here: which ones is the document's owner's choice",
)
def leaves_callers_no_choice(document: SessionDocument, _context: Context) -> Verdict:
    """A session document may take `{{ parameter }}` in its inputs, and then whoever starts the session fills it in.

    Where that is the bucket, the log group, a switch, the key or the Run As user, the watched person decides whether he
    is recorded, and as whom he works. With `{{ssm:name}}` it is whoever may put that parameter (ssm:PutParameter).

    It cannot tell where one of these values, or the document's list of parameters, is not known, nor what a parameter
    of Parameter Store holds.

    Reference: AWS Systems Manager User Guide, "Session document schema".
    """
    passed = Passed(document.origin, "recording, keys and identity are fixed in the document")
    undecided = "whether callers choose how they are recorded cannot be told"
    return conclude(document.origin, _checks(document), passed=passed, undecided=undecided)


def _checks(document: SessionDocument) -> Iterator[Check]:
    for key, text in _texts(document).items():
        yield from _text(document, key, text)
    for key, switch in _switches(document).items():
        if isinstance(switch, Unknown):
            yield from _switch(document, key, switch)


def _texts(document: SessionDocument) -> Mapping[str, Value[Text]]:
    return {
        "s3BucketName": document.s3_bucket,
        "s3KeyPrefix": document.s3_key_prefix,
        "cloudWatchLogGroupName": document.cloudwatch_log_group,
        "kmsKeyId": document.kms_key,
        "runAsDefaultUser": document.run_as_default_user,
    }


def _switches(document: SessionDocument) -> Mapping[str, Value[bool]]:
    return {
        "s3EncryptionEnabled": document.s3_encryption_enabled,
        "cloudWatchEncryptionEnabled": document.cloudwatch_encryption_enabled,
        "cloudWatchStreamingEnabled": document.cloudwatch_streaming_enabled,
        "runAsEnabled": document.run_as_enabled,
    }


def _switch(document: SessionDocument, key: str, gap: Unknown) -> Iterator[Check]:
    """Look at a switch without a value: readers name the parameter that stands in its place."""
    for name in placeholders(gap.detail):
        yield from _placeholder(document, key, name, gap.at)
    yield gap


def _text(document: SessionDocument, key: str, value: Value[Text]) -> Iterator[Check]:
    for name in known_or(mapped(value, placeholders), ()):
        yield from _placeholder(document, key, name, value.at)
    if not certainly(value, lambda text: isinstance(text, Reference)):
        yield from gaps(text_of(value))


def _placeholder(document: SessionDocument, key: str, name: str, at: Origin) -> Iterator[Check]:
    if is_stored(name):
        stored = name.removeprefix("ssm:")
        yield Unknown(Why.OUT_OF_SCOPE, at, f"{key} is the parameter {stored}: who may ssm:PutParameter it decides")
        return
    chosen = leaves_a_choice(declared(document.parameters, name))
    yield from when(chosen, f"{key} is {{{{ {name} }}}}: whoever starts the session decides", at=at)
