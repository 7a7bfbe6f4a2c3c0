"""The audit as SARIF 2.1.0, as GitHub code scanning reads it.

GitHub shows every result as an alert, so only failures and what is unknown are results. It takes the severity of an
alert from the rule alone and reads neither `kind` nor `suppressions`. Therefore an undecided verdict is a result of a
rule of its own, `RULE/undecided`, of level note, and a rule is as severe as its worst failure in this run. A waived
failure carries its suppression; repositories that want it dismissed run the action `advanced-security/dismiss-alerts`.

What was read from AWS has its ARN as logical location. GitHub also demands a file: `aws/ACCOUNT/REGION`, line 1, which
is not in the repository.
"""

import json
import os.path
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.metadata import metadata
from pathlib import Path
from urllib.parse import quote

from ssm_hardening import __version__
from ssm_hardening.core.origins import ApiOrigin, CodeOrigin, Origin
from ssm_hardening.model import LIVE
from ssm_hardening.read.snapshot.encoding import Json
from ssm_hardening.report.formats import AuditReport
from ssm_hardening.report.style import Style
from ssm_hardening.report.verdicts import (
    about,
    example_of,
    folder_in_tree,
    gap_of,
    message_of,
    numbered,
    place_in_tree,
    related_to,
    working_tree,
    worst_first,
)
from ssm_hardening.report.words import example_text, first_sentence, how_to_resolve, paragraphs
from ssm_hardening.verdicts.findings import (
    Audit,
    Crashed,
    Failed,
    Finding,
    RuleInfo,
    Severity,
    Since,
    Waiver,
    WaiverKind,
)

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
UNDECIDED = "/undecided"
MOST_RESULTS = 25_000
"""GitHub refuses a run with more."""

_ROOT = "%SRCROOT%"
_LONGEST = 1024
_MOST_RELATED = 100

_LEVELS: Mapping[Severity, str] = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
}
_SCORES: Mapping[Severity, str] = {
    Severity.CRITICAL: "9.5",
    Severity.HIGH: "8.0",
    Severity.MEDIUM: "5.5",
    Severity.LOW: "2.0",
}
"""GitHub's critical begins above 9.0, high at 7.0, medium at 4.0."""


def render_sarif(report: AuditReport, _style: Style) -> str:
    """Return the log as text, in ASCII. Paths and fingerprints are relative to the working tree."""
    return json.dumps(sarif_log(report, base=working_tree(Path.cwd())), indent=2) + "\n"


def sarif_log(report: AuditReport, *, base: Path) -> Json:
    """Return the log, with one run. The results stand worst first; those beyond GitHub's limit are counted instead."""
    audit = report.audit
    shown = worst_first(audit.findings)
    home = _home()
    rules = list(_rules(audit, shown, home))
    index = {rule["id"]: number for number, rule in enumerate(rules)}
    told = numbered(shown[:MOST_RESULTS], base=base)
    compared = any(finding.since for finding in shown)
    run: Json = {
        "tool": {
            "driver": {
                "name": "ssm-harden",
                "version": __version__,
                "semanticVersion": __version__,
                **({"informationUri": home} if home else {}),
                "rules": rules,
            }
        },
        "automationDetails": {"id": _category(report, base)},
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The root of the repository."}}},
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(report, shown)],
        "results": [_result(finding, mark, index, base) | _state(finding, compared=compared) for finding, mark in told],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _home() -> str:
    """Return where the package says that its repository is; empty while it says nothing."""
    urls = (each.partition(", ") for each in metadata("ssm-harden").get_all("Project-URL", ()))
    return next((url.rstrip("/") for label, _, url in urls if label == "Repository"), "")


def _category(report: AuditReport, base: Path) -> str:
    """Return the id of the run up to its number: uploads for other roots must not replace this one's alerts."""
    roots = {(account.source == LIVE, account.root) for account in report.accounts}
    names = [root if live else folder_in_tree(root, base=base) for live, root in roots]
    return "/".join(["ssm-harden", report.audit.standard, *(names if len(names) == 1 else []), ""])


def _rules(audit: Audit, shown: Iterable[Finding], home: str) -> Iterator[Json]:
    """Yield what GitHub is to know of each rule that was run; behind them, each that was undecided somewhere."""
    infos = {rule.id: rule for rule in (*audit.rules, *(finding.rule for finding in shown))}
    worst: dict[str, Severity] = {}
    undecided = set()
    for finding in shown:
        if isinstance(finding.verdict, Failed):
            worst.setdefault(finding.rule.id, finding.severity)  # the worst is first, and what is waived last
        else:
            undecided.add(finding.rule.id)
    for identifier in sorted(infos):
        rule = infos[identifier]
        yield _rule(rule, worst.get(identifier, rule.severity)) | _help(rule, home)
    for identifier in sorted(undecided):
        yield _undecided_rule(infos[identifier]) | _help(infos[identifier], home)


def _help(rule: RuleInfo, home: str) -> Json:
    return {"helpUri": f"{home}/blob/main/docs/rules/{rule.id}.md"} if home else {}


def _name(title: str) -> str:
    """Return a title as SARIF wants names: `SessionsHaveALogDestination`."""
    return "".join(f"{word[0].upper()}{word[1:]}" for word in re.findall(r"[A-Za-z0-9]+", title))


def _rule(rule: RuleInfo, severity: Severity) -> Json:
    return {
        "id": rule.id,
        "name": _name(rule.title),
        **_texts(rule, rule.title, rule.explanation),
        "defaultConfiguration": {"level": _LEVELS[severity]},
        "properties": {
            "security-severity": _SCORES[severity],
            "precision": "high" if rule.confidence == "certain" else "medium",
            "tags": ["security", rule.question.value, *(each.value for each in (rule.requirement, *rule.also))],
        },
    }


def _undecided_rule(rule: RuleInfo) -> Json:
    """Return a rule without a security severity: GitHub would show an unknown as if it had failed."""
    why = "The sources do not contain the answer. The message says what is missing and how to resolve it."
    return {
        "id": f"{rule.id}{UNDECIDED}",
        "name": _name(f"Undecided {rule.title}"),
        **_texts(rule, f"Undecided: {rule.title}", f"{why}\n\n{rule.explanation}"),
        "defaultConfiguration": {"level": "note"},
        "properties": {"tags": ["undecided", rule.question.value]},
    }


def _texts(rule: RuleInfo, title: str, explanation: str) -> Json:
    told = [*paragraphs(explanation), _remedy(rule)]
    return {
        "shortDescription": {"text": title[:_LONGEST]},
        "fullDescription": {"text": (first_sentence(explanation) or title)[:_LONGEST]},
        "help": {"text": "\n\n".join(told), "markdown": "\n\n".join([f"# {rule.id}: {title}", *told])},
    }


def _remedy(rule: RuleInfo) -> str:
    how = f"Remedy: {rule.remedy}." if rule.remedy else f"The remedy is manual: {rule.manual or 'see the message'}."
    return f"{how} `ssm-harden plan` shows it, `ssm-harden explain {rule.id}` has examples."


def _result(finding: Finding, mark: str, index: Mapping[str, int], base: Path) -> Json:
    failed = isinstance(finding.verdict, Failed)
    identifier = finding.rule.id if failed else f"{finding.rule.id}{UNDECIDED}"
    related = related_to(finding)[:_MOST_RELATED]
    waiver, example = finding.waiver, example_of(finding)
    return {
        "ruleId": identifier,
        "ruleIndex": index[identifier],
        "level": _LEVELS[finding.severity] if failed else "note",
        "message": {"text": _plain(_told(finding))},
        "locations": [_located(finding, finding.verdict.at, base)],
        "partialFingerprints": {"primaryLocationLineHash": mark},
        **(
            {}
            if not related
            else {
                "relatedLocations": [
                    {"id": number, **_located(finding, each.at, base), "message": {"text": _plain(each.note or "see")}}
                    for number, each in enumerate(related, start=1)
                ]
            }
        ),
        **({} if waiver is None else {"suppressions": [_suppression(waiver)]}),
        "properties": {
            "severity": finding.severity.value,
            "subject": finding.subject,
            "account": finding.account,
            "region": finding.region,
            **({} if example is None else {"example": example_text(example)}),
        },
    }


def _state(finding: Finding, *, compared: bool) -> Json:
    """Return whether the baseline lists a result: of all results or, without a baseline, of none."""
    return {"baselineState": "unchanged" if finding.since is Since.KNOWN else "new"} if compared else {}


def _suppression(waiver: Waiver) -> Json:
    until = {} if waiver.until is None else {"until": waiver.until}
    return {
        "kind": "inSource" if waiver.kind is WaiverKind.COMMENT else "external",
        "status": "accepted",
        "justification": waiver.reason,
        "properties": {**until, "at": str(waiver.at)},
    }


def _told(finding: Finding) -> str:
    gap = gap_of(finding)
    match finding.verdict:
        case Crashed():
            return f"{finding.subject}: internal error: {message_of(finding)}"
        case _ if gap is not None:
            return f"{finding.subject}: undecided: {message_of(finding)}. To resolve: {how_to_resolve(gap)}."
        case _:
            return about(finding)


def _plain(text: str) -> str:
    """Return a text in which SARIF finds no link: `[text](target)` is one."""
    return text.replace("](", "\\](")


def _located(finding: Finding, at: Origin, base: Path) -> Json:
    """Return a place: the line it begins at.

    GitHub annotates a pull request only where all lines of a region are in its changes, so a block is the context.
    """
    path, line = place_in_tree(finding, at, base=base)
    region = {"startLine": line, "startColumn": 1, "endLine": line, "endColumn": 2}
    physical: Json = {"artifactLocation": _artifact(path, base), "region": region}
    if isinstance(at, CodeOrigin) and at.end_line > line:
        physical["contextRegion"] = {"startLine": line, "endLine": at.end_line}
    return {"physicalLocation": physical, "logicalLocations": [_logical(finding, at)]}


def _artifact(path: str, base: Path) -> Json:
    """Return the place of a file; outside of the working tree it is absolute, and GitHub does not show it."""
    if path.startswith("../"):
        return {"uri": f"file://{quote(os.path.normpath(base / path), errors='surrogatepass')}"}
    return {"uri": quote(path, errors="surrogatepass"), "uriBaseId": _ROOT}


def _logical(finding: Finding, at: Origin) -> Json:
    match at:
        case ApiOrigin(arn=arn):
            return {"name": finding.subject, "fullyQualifiedName": arn, "kind": "resource"}
        case CodeOrigin(module_path=module):
            within = f"{module}." if module and not finding.subject.startswith(module) else ""
            return {"name": finding.subject, "fullyQualifiedName": f"{within}{finding.subject}", "kind": "resource"}


def _invocation(report: AuditReport, shown: Sequence[Finding]) -> Json:
    """Say whether all could be judged: what could not be read, rules that broke, results beyond GitHub's limit."""
    left_out = max(len(shown) - MOST_RESULTS, 0)
    crashes = [finding for finding in shown if isinstance(finding.verdict, Crashed)]
    told = [
        *(_notification("error", f"{each.rule.id}: internal error: {about(each)}") for each in crashes),
        *(_notification("error", text) for text in report.unread),
        *([_notification("warning", f"{left_out} results of the lowest severity are omitted")] if left_out else []),
        *(_notification("note", text) for text in report.remarks),
    ]
    return {"executionSuccessful": not crashes and not report.unread, "toolExecutionNotifications": told}


def _notification(level: str, text: str) -> Json:
    return {"level": level, "message": {"text": _plain(text)}}
