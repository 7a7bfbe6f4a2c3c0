"""Which version of a document sessions run: PREF-09."""

from ssm_hardening.findings import Confidence, Failed, Passed, Question, Requirement, Severity, Undecided, Verdict
from ssm_hardening.model import SessionDocument
from ssm_hardening.rules.registry import Context, Selector, rule
from ssm_hardening.rules.settings import literal
from ssm_hardening.rules.sources import only_live
from ssm_hardening.rules.subjects import session_documents
from ssm_hardening.values import Absent, Known, Text, Unknown, Value, Why

_versioned = Selector(
    session_documents.noun,
    session_documents.select,
    session_documents.doubt,
    silence=only_live("which versions a document has"),
)


@rule(
    id="PREF-09",
    title="Default version says what sessions run",
    severity=Severity.MEDIUM,
    confidence=Confidence.REPORTED,
    over=_versioned,
    question=Question.AUDIT,
    requirement=Requirement.AUDITING,
    manual=(
        "which of the two is right only their owner can say: look at both (aws ssm get-document --name NAME "
        "--document-version '$LATEST', then '$DEFAULT'); where the latest is right, aws ssm "
        "update-document-default-version --name NAME --document-version VERSION, else update the document"
    ),
)
def pref_09(document: SessionDocument, _context: Context) -> Verdict:
    """Sessions run the latest version of a document, as users report, while the console shows the default one.

    Where the two differ, whoever looks at the document sees settings that are not in force: a version that records
    nothing can hide behind one that does, and Terraform, which reads the latest, shows no difference either. Two
    versions with the same content are fine.

    It cannot tell where the versions could not be read, and never from code.

    Reference: AWS Systems Manager User Guide, "Update session preferences"; aws/session-manager-plugin#112.
    """
    match document.versions_agree:
        case Known(flag, at):
            if flag:
                return Passed(at, f"{_versions(document)} hold the same content")
            return Failed(at, f"{_versions(document)} differ: the console shows one, sessions run the other")
        case Absent(at):
            gap = Unknown(Why.OUT_OF_SCOPE, at, "the contents of the two versions were not compared")
            return _by_number(document, gap)
        case Unknown() as gap:
            return _by_number(document, gap)


def _by_number(document: SessionDocument, gap: Unknown) -> Verdict:
    default, latest = _number(document.default_version), _number(document.latest_version)
    if isinstance(default, str) and default == latest:
        return Passed(document.default_version.at, f"the default version is the latest, {latest}")
    return Undecided(document.origin, gap, "whether the default version says what sessions run cannot be told")


def _versions(document: SessionDocument) -> str:
    default, latest = _number(document.default_version), _number(document.latest_version)
    if isinstance(default, str) and isinstance(latest, str):
        return f"the default version, {default}, and the latest, {latest},"
    return "the default and the latest version"


def _number(version: Value[Text]) -> str | Unknown | None:
    match version:
        case Known() as known:
            return literal(known)
        case Absent():
            return None
        case Unknown() as gap:
            return gap
