"""Is there a preferences document, and is it what AWS expects: PREF-01, PREF-10, PREF-15."""

from collections.abc import Iterator

from ssm_hardening.core.logic import flag, is_no, is_yes, known_or, text_of
from ssm_hardening.core.values import Absent, Items, Known, Unknown, Why
from ssm_hardening.model import LIVE, PREFERENCES_NAME, Account, SessionDocument
from ssm_hardening.model.facts import exists
from ssm_hardening.rules.kit.checks import Check, Problem, conclude, gaps, required, shown, unless
from ssm_hardening.rules.kit.sources import has_nodes, only_live
from ssm_hardening.rules.kit.subjects import in_force, is_preferences, preferences, session_documents, the_account
from ssm_hardening.rules.registry import Context, Selector, rule
from ssm_hardening.verdicts.findings import (
    Confidence,
    Failed,
    NotApplicable,
    Passed,
    Related,
    Severity,
    Undecided,
    Verdict,
)

_ELSEWHERE = (
    "the document may be managed elsewhere: add that code to the audited paths, or audit the live account; "
    f"if nothing manages it, declare {PREFERENCES_NAME}"
)


@rule(
    id="PREF-01",
    title="Region has a session preferences document",
    headline="No session preferences; AWS defaults apply",
    severity=Severity.HIGH,
    may=(Severity.LOW,),
    over=the_account,
    remedy="session-preferences",
)
def is_managed(account: Account, context: Context) -> Verdict:
    """Without the document SSM-SessionManagerRunShell, sessions in a Region use the AWS defaults.

    All users share `ssm-user`, which has sudo rights; nothing is recorded; active sessions have no time limit; and
    sessions are not encrypted with a customer managed key. Documents with other names apply only to sessions that name
    them. A Region without nodes has no sessions yet, so this is low by default.

    Undecided when the name or the existence of a document is unknown, or when code that uses Session Manager does not
    declare the document: another root module, the console, or a landing zone may manage it.

    Reference: AWS Systems Manager User Guide, "Update session preferences"; API reference, StartSession.
    """
    documents = account.session_documents
    candidates = [(document, in_force(document)) for document in documents.items]
    for document, answer in candidates:
        if is_yes(answer):
            return Passed(document.origin, f"{document.address} is the Region's preferences document")
    for document, answer in candidates:
        if isinstance(answer, Unknown):
            return Undecided(document.origin, answer, f"{document.address} may be the Region's preferences document")
    if documents.gap is not None:
        return Undecided(account.at, documents.gap, "the document may be in a part that could not be read")
    return _no_preferences(account, context)


def _no_preferences(account: Account, context: Context) -> Verdict:
    others = tuple(_without_effect(account))
    if account.source == LIVE:
        return _live_without(account, context, others)
    signs = account.usage_signs
    if not others and not signs.items and signs.gap is None:
        return NotApplicable(account.at, "nothing here uses Session Manager")
    gap = signs.gap
    if gap is None or signs.items or others:
        gap = Unknown(Why.OUT_OF_SCOPE, account.at, f"{PREFERENCES_NAME}, which nothing declares here")
    first = {sign.detail: sign for sign in reversed(signs.items)}
    related = (
        *others,
        *(Related(first[text].at, f"this suggests that Session Manager is used: {text}") for text in sorted(first)),
    )
    return Undecided(account.at, gap, _ELSEWHERE, related=related)


def _live_without(account: Account, context: Context, others: tuple[Related, ...]) -> Verdict:
    message = f"the Region has no {PREFERENCES_NAME}, so the AWS defaults apply"
    nodes = has_nodes(account)
    if is_yes(nodes) or context.thresholds.nodeless_region_counts:
        return Failed(account.at, message, related=others)
    if isinstance(nodes, Unknown):
        # Whether there are nodes may only make it worse.
        others = (*others, Related(nodes.at, f"whether there are nodes is unknown: {nodes.detail}"))
        return Failed(account.at, message, severity=Severity.LOW, related=others)
    message += " as soon as there are nodes; there are none now"
    return Failed(account.at, message, severity=Severity.LOW, related=others)


def _without_effect(account: Account) -> Iterator[Related]:
    for document in account.session_documents.items:
        there = exists(document)
        if not is_no(there):
            yield Related(document.origin, f"{document.address} applies only to sessions that name it")
        elif not is_no(is_preferences(document)):
            yield Related(
                there.at, f"{document.address} may be the preferences document, but this code does not create it"
            )


@rule(
    id="PREF-10",
    title="Session document is not shared",
    headline="Other accounts can read session settings",
    severity=Severity.HIGH,
    may=(Severity.CRITICAL,),
    over=session_documents,
    remedy="session-preferences",
)
def is_shared_with_nobody(document: SessionDocument, _context: Context) -> Verdict:
    """A shared document shows other accounts where sessions are recorded, with which key, and as which user they run.

    A document that is shared with `All` is public, which is critical: anyone can read its account IDs, bucket names,
    and shell profiles.

    Undecided when the permissions of the document are computed or could not be read.

    Reference: AWS Systems Manager User Guide, "Sharing SSM documents"; Security Hub control SSM.4.
    """
    nobody = Passed(document.origin, "the document is not shared")
    match document.shared_with:
        case Absent():
            return nobody
        case Unknown() as gap:
            return Undecided(document.origin, gap, "whether the document is shared is unknown")
        case Known(items):
            undecided = "which other accounts the document is shared with is unknown"
            return conclude(document.origin, _sharing(items), passed=nobody, undecided=undecided)


_PUBLIC = "Session document is public"


def _sharing(shared_with: Items) -> Iterator[Check]:
    for item in shared_with.items:
        match item:
            case Known(str() as name, at) if name.lower() == "all":
                yield Problem(
                    at, "the document is public: it is shared with all accounts", Severity.CRITICAL, headline=_PUBLIC
                )
            case Known(name, at):
                yield Problem(at, f"the document is shared with account {shown(name)}", Severity.HIGH)
            case Unknown():
                yield item
            case Absent():
                continue
    yield from gaps(shared_with.rest)


@rule(
    id="PREF-15",
    title="Preferences document has prevent_destroy",
    headline="Terraform can destroy the preferences",
    severity=Severity.MEDIUM,
    over=preferences,
    remedy="session-preferences",
)
def is_guarded_against_destroy(document: SessionDocument, context: Context) -> Verdict:
    """Destroying the preferences document restores the insecure AWS defaults, immediately and without a warning.

    `prevent_destroy` rejects any plan that would destroy it, but the argument is gone as soon as its block is removed.
    To protect the document across an organization, deny ssm:DeleteDocument in a service control policy.

    Undecided for a plan, and not applicable to a live account: only the code contains this argument.

    Reference: Terraform, "The lifecycle meta-argument"; AWS Systems Manager User Guide, "Update session preferences".
    """
    guard = document.prevent_destroy
    if isinstance(guard, Absent) and context.account.source == LIVE:
        return NotApplicable(guard.at, "a live account does not show which code manages the document")
    unguarded = "prevent_destroy is not on, so a plan can destroy the document and with it the preferences"
    return conclude(
        document.origin,
        unless(flag(guard, absent=False), unguarded),
        passed=Passed(guard.at, "prevent_destroy protects the document"),
        undecided="whether the document has prevent_destroy is unknown",
    )


_versioned = Selector(
    session_documents.noun,
    session_documents.select,
    session_documents.doubt,
    silence=only_live("which versions a document has"),
)


@rule(
    id="PREF-09",
    title="Default version matches what sessions run",
    headline="Default and latest version differ",
    severity=Severity.MEDIUM,
    confidence=Confidence.REPORTED,
    over=_versioned,
    manual=(
        "only the owner knows which version is right: compare them (aws ssm get-document --name NAME "
        "--document-version '$LATEST', then '$DEFAULT'); if the latest is right, run aws ssm "
        "update-document-default-version --name NAME --document-version VERSION, otherwise update the document"
    ),
)
def default_version_is_in_force(document: SessionDocument, _context: Context) -> Verdict:
    """Users report that sessions run the latest version of a document, while the console shows the default version.

    If the two differ, the console shows settings that are not in force: a version that records nothing can hide behind
    one that does. Terraform reads the latest version, so it shows no drift either. Two versions with the same content
    are fine.

    Undecided when the versions could not be read. Not applicable to code, which does not show versions.

    Reference: AWS Systems Manager User Guide, "Update session preferences"; aws/session-manager-plugin#112.
    """
    agree = required(
        document.versions_agree,
        Why.OUT_OF_SCOPE,
        "whether the two versions have the same content: they were not compared",
    )
    if isinstance(agree, Unknown):
        return _by_number(document, agree)
    if agree.value:
        return Passed(agree.at, f"{_versions(document)} have the same content")
    return Failed(agree.at, f"{_versions(document)} differ: the console shows the first, sessions run the second")


def _by_number(document: SessionDocument, gap: Unknown) -> Verdict:
    default, latest = _numbers(document)
    if default is not None and default == latest:
        return Passed(document.default_version.at, f"the default version, {latest}, is the latest version")
    return Undecided(document.origin, gap, "whether the default version matches what sessions run is unknown")


def _versions(document: SessionDocument) -> str:
    default, latest = _numbers(document)
    if default is None or latest is None:
        return "the default version and the latest version"
    return f"the default version ({default}) and the latest version ({latest})"


def _numbers(document: SessionDocument) -> tuple[str | None, str | None]:
    """Return the default and the latest version, as far as they are known."""
    return known_or(text_of(document.default_version), None), known_or(text_of(document.latest_version), None)
