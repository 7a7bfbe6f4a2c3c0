"""The audit as JUnit XML: a suite for each family of rules, a case for each verdict."""

from collections.abc import Sequence
from itertools import groupby
from xml.etree import ElementTree as ET

from ssm_hardening.report.formats import AuditReport
from ssm_hardening.report.style import Style, printable
from ssm_hardening.report.verdicts import example_of, headline_of, message_of, order_key
from ssm_hardening.report.words import example_text, how_to_resolve
from ssm_hardening.verdicts.findings import Crashed, Failed, Finding, NotApplicable, Passed, Undecided


def render_junit(report: AuditReport, _style: Style) -> str:
    """Return the document, in ASCII.

    Undecided, waived, known and not applicable verdicts are skipped, with the reason.
    """
    findings = sorted(report.audit.findings, key=lambda each: (_family(each), order_key(each)))
    suites = [_suite(family, list(each)) for family, each in groupby(findings, key=_family)]
    root = ET.Element("testsuites", {"name": "ssm-harden", **_counts(findings)})
    root.extend(suites)
    ET.indent(root)
    written: bytes = ET.tostring(root, encoding="us-ascii", xml_declaration=True)
    return f"{written.decode('ascii')}\n"


def _family(finding: Finding) -> str:
    return finding.rule.id.rpartition("-")[0] or finding.rule.id


def _counts(findings: Sequence[Finding]) -> dict[str, str]:
    counted = {
        "tests": len(findings),
        "failures": sum(isinstance(each.verdict, Failed) and each.counts for each in findings),
        "errors": sum(isinstance(each.verdict, Crashed) and each.counts for each in findings),
    }
    return {name: str(count) for name, count in counted.items()}


def _suite(family: str, findings: Sequence[Finding]) -> ET.Element:
    cases = [_case(finding) for finding in findings]
    skipped = sum(case.find("skipped") is not None for case in cases)
    suite = ET.Element("testsuite", {"name": printable(family), **_counts(findings), "skipped": str(skipped)})
    suite.extend(cases)
    return suite


def _case(finding: Finding) -> ET.Element:
    where = f"{finding.account}/{finding.region}" if finding.account else finding.root
    case = ET.Element(
        "testcase",
        name=printable(f"{finding.rule.id}: {finding.subject}"),
        classname=printable(f"{where}.{finding.rule.id}"),
    )
    told = message_of(finding)
    if finding.waiver is not None:
        until = f" until {finding.waiver.until}" if finding.waiver.until else ""
        _skip(case, f"waived{until}: {finding.waiver.reason} ({finding.waiver.at})")
        return case
    if not finding.counts:
        _skip(case, f"known, in the baseline: {told}")
        return case
    match finding.verdict:
        case Passed():
            pass
        case Failed(at):
            failure = ET.SubElement(case, "failure", type=finding.severity.value, message=printable(told))
            example = example_of(finding)
            more = "" if example is None else f"; for example, {example_text(example)}"
            failure.text = printable(f"{at}: {finding.severity.value}: {headline_of(finding)}{more}")
        case Crashed(at):
            ET.SubElement(case, "error", type="internal error", message=printable(told)).text = printable(str(at))
        case Undecided(at, gap):
            _skip(case, f"undecided: {told} ({at}). To resolve: {how_to_resolve(gap)}.")
        case NotApplicable():
            _skip(case, f"not applicable: {told}")
    return case


def _skip(case: ET.Element, reason: str) -> None:
    ET.SubElement(case, "skipped").text = printable(reason)
