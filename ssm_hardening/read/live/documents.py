"""Session documents: the preferences, and every other document of the account that a session can be started with."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from ssm_hardening.core.origins import ApiOrigin
from ssm_hardening.core.values import Absent, Datum, Inventory, Items, Known, Record, Text, Unknown, Value, Why
from ssm_hardening.model import PREFERENCES_NAME, Holding, SessionDocument
from ssm_hardening.read.converting import Decoded, decoded, items, member, number, record, same
from ssm_hardening.read.live import calls
from ssm_hardening.read.live.answers import Read, answered, entries, given, items_of, names_in, sent, tags_in
from ssm_hardening.read.live.asking import AwsApi
from ssm_hardening.read.live.relations import owner_of
from ssm_hardening.read.session_content import Described, session_document

_GONE = ("InvalidDocument", "InvalidDocumentVersion")
_OWN_SESSIONS = ({"Key": "DocumentType", "Values": ["Session"]}, {"Key": "Owner", "Values": ["Self"]})
_LATEST, _DEFAULT = "$LATEST", "$DEFAULT"


@dataclass(frozen=True, slots=True)
class _Answers:
    """What AWS says of one document. `described` and `latest` are of its latest version."""

    name: str
    arn: str
    described: Value[Record]
    latest: Value[Datum]
    versions: Inventory[Value[Datum]]
    shared_with: Value[Items]
    tags: Value[Record]

    @property
    def content(self) -> Decoded:
        return _decoded(self.latest)


def document_names(aws: AwsApi) -> Inventory[str]:
    """Return the names of the account's own documents of type Session."""
    call = calls.LIST_DOCUMENTS
    listed = aws.all(call, "DocumentIdentifiers", aws.who.root, {"Filters": [*_OWN_SESSIONS]})
    return names_in(listed, "Name", call.at(aws.who.root))


def session_documents(aws: AwsApi, listed: Inventory[str] | None = None) -> Read[SessionDocument]:
    """Return the account's own documents of type Session; the preferences are asked for even where the list is not.

    `listed` are their names, where these were read before.
    """
    names = document_names(aws) if listed is None else listed
    wanted = names.items if names.gap is None else tuple(sorted({*names, PREFERENCES_NAME}))
    found = [each for each in aws.each(partial(_answers, aws), wanted) if _exists(each, names)]
    return Read(
        facts=Inventory(tuple(_fact(aws, each) for each in found), names.gap),
        holdings=Inventory(tuple(_holding(each) for each in found), names.gap),
        owners=Inventory(tuple(owner_of(each.arn, each.name, each.tags) for each in found), names.gap),
    )


def _exists(answers: _Answers, listed: Inventory[str]) -> bool:
    """Say whether the document is there: listed and not deleted since, or, not listed, read all the same."""
    told = (answers.described, answers.latest)
    if answers.name in listed.items:
        return not any(isinstance(each, Absent) for each in told)
    return any(isinstance(each, Known) for each in told)


def _answers(aws: AwsApi, name: str) -> _Answers:
    arn = aws.who.arn("ssm", f"document/{name}")
    ask = partial(_asked, aws, arn, name)
    versions = aws.all(calls.LIST_DOCUMENT_VERSIONS, "DocumentVersions", arn, {"Name": name}, missing=_GONE)
    return _Answers(
        name,
        arn,
        described=sent(ask(calls.DESCRIBE_DOCUMENT, {"DocumentVersion": _LATEST}), "Document", convert=record),
        latest=ask(calls.GET_DOCUMENT, {"DocumentVersion": _LATEST}),
        versions=entries(versions, calls.LIST_DOCUMENT_VERSIONS.at(arn)),
        shared_with=_shared_with(aws, arn, name),
        tags=_tags(aws, arn, name),
    )


def _asked(aws: AwsApi, arn: str, name: str, call: calls.ApiCall, parameters: Mapping[str, str]) -> Value[Datum]:
    return answered(aws.ask(call, arn, {"Name": name, **parameters}, missing=_GONE))


def _shared_with(aws: AwsApi, arn: str, name: str) -> Value[Items]:
    """Return the accounts it is shared with; `All` for everybody, however AWS spells it."""
    call = calls.DESCRIBE_DOCUMENT_PERMISSION
    at = call.at(arn)
    found = aws.all(call, "AccountIds", arn, {"Name": name, "PermissionType": "Share"}, missing=_GONE)
    if found.gap is not None and not found.items:
        return found.gap
    ids = sorted({"All" if str(each).lower() == "all" else str(each) for each in found})
    return items_of(ids, found.gap, at)


def _tags(aws: AwsApi, arn: str, name: str) -> Value[Record]:
    call = calls.LIST_DOCUMENT_TAGS
    parameters = {"ResourceType": "Document", "ResourceId": name}
    answer = answered(aws.ask(call, arn, parameters, missing=("InvalidResourceId",)))
    return tags_in(sent(answer, "TagList", convert=items), call.at(arn))


def _decoded(answer: Value[Datum]) -> Decoded:
    return decoded(sent(answer, "Content"), given(answer, "DocumentFormat"))


def _fact(aws: AwsApi, answers: _Answers) -> SessionDocument:
    origin = calls.GET_DOCUMENT.at(answers.arn)
    listed = calls.LIST_DOCUMENTS.at(answers.arn)
    described = Described(
        address=answers.arn,
        declaration=answers.arn,
        origin=origin,
        name=Known(answers.name, listed),
        exists=Known(True, listed),
        document_type=_document_type(answers),
        default_version=sent(answers.described, "DefaultVersion"),
        latest_version=sent(answers.described, "LatestVersion"),
        versions_agree=_versions_agree(aws, answers),
        changed=_changed(answers),
        shared_with=answers.shared_with,
        prevent_destroy=Absent(origin),
    )
    return session_document(described, answers.content)


def _document_type(answers: _Answers) -> Value[Text]:
    """Return the type as either call tells it."""
    told = sent(answers.latest, "DocumentType")
    return sent(answers.described, "DocumentType") if isinstance(told, Unknown) else told


def _versions_agree(aws: AwsApi, answers: _Answers) -> Value[bool]:
    default, latest = (sent(answers.described, key) for key in ("DefaultVersion", "LatestVersion"))
    for version in (default, latest):
        if isinstance(version, Unknown | Absent):
            return version
    if same(default, latest):
        return Known(True, default.at)
    other = _asked(aws, answers.arn, answers.name, calls.GET_DOCUMENT, {"DocumentVersion": _DEFAULT})
    return _same_content(other, answers.latest)


def _same_content(one: Value[Datum], other: Value[Datum]) -> Value[bool]:
    """Compare as data; texts that are no data agree only where they are the same."""
    texts = sent(one, "Content"), sent(other, "Content")
    for text in texts:
        if isinstance(text, Unknown | Absent):
            return text
    if same(*texts):
        return Known(True, texts[0].at)
    read = [_decoded(each) for each in (one, other)]
    broken = [isinstance(each.problem, Known) for each in read]
    if any(broken):
        return Known(False, texts[0].at)
    for each in read:
        if isinstance(each.value, Unknown | Absent):
            return each.value
    return Known(_plain(read[0].value) == _plain(read[1].value), texts[0].at)


def _plain(value: Value[Datum]) -> object:
    """Return data as something that compares by content and by type: `true` is not 1."""
    match value:
        case Known(Record(members)):
            return {key: _plain(each) for key, each in members.items()}
        case Known(Items(listed)):
            return [_plain(each) for each in listed]
        case Known(plain):
            return (type(plain).__name__, plain)
        case Absent():
            return None
        case Unknown(why, _, detail):
            return (why, detail)


def _changed(answers: _Answers) -> Value[Text]:
    """Return when the latest version was made."""
    at = calls.LIST_DOCUMENT_VERSIONS.at(answers.arn)
    if answers.versions.gap is not None:
        return answers.versions.gap
    numbered = [(number(member(each, ("DocumentVersion",)), "DocumentVersion"), each) for each in answers.versions]
    made = {version.value: each for version, each in numbered if isinstance(version, Known)}
    if not made:
        return Unknown(Why.UNPARSEABLE, at, f"{at.call}: the response lists no versions")
    return sent(made[max(made)], "CreatedDate")


def _holding(answers: _Answers) -> Holding:
    at = calls.GET_DOCUMENT.at(answers.arn)
    return Holding(
        of=answers.arn, type="aws_ssm_document", import_id=answers.name, at=at, settings=_settings(answers, at)
    )


def _settings(answers: _Answers, at: ApiOrigin) -> Value[Record]:
    if isinstance(answers.latest, Unknown):
        return answers.latest
    members: dict[str, Value[Datum]] = {
        "Content": answers.content.value,
        "DocumentFormat": sent(answers.described, "DocumentFormat"),
        "DocumentVersion": sent(answers.latest, "DocumentVersion"),
        "DefaultVersion": sent(answers.described, "DefaultVersion"),
        "Tags": answers.tags,
        "Permissions": answers.shared_with,
    }
    return Known(Record(members), at)
