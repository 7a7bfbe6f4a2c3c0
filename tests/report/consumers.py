"""What reads the formats of an audit: the published schemas, a Markdown renderer, and the rules of GitHub's runner."""

import csv
import io
import json
import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree as ET

import cmarkgfm
import jsonschema
import xmlschema
from cmarkgfm.cmark import Options
from tinyhtml5.parser import HTMLParser as HTMLParser5

from ssm_hardening.core.origins import ApiOrigin, CodeOrigin
from ssm_hardening.core.values import Unknown, Why
from ssm_hardening.report.formats import AUDIT, AuditReport
from ssm_hardening.report.style import PLAIN
from ssm_hardening.verdicts.findings import Audit, Failed, Severity, Undecided, Waiver
from tests.report import samples
from tests.report.builders import audit_of, finding, info

BUCKET = "arn:aws:s3:::logs"
TRAIL = "arn:aws:cloudtrail:eu-central-1:111122223333:trail/all"
SCHEMAS = Path(__file__).parent / "schemas"

HOSTILE = (
    '"quoted"',
    "two\nlines\r\nand more",
    "]]>",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "a | b \\| c \\\\| d",
    "::error file=x::y",
    "%0A::set-output name=x::y",
    "[text](https://example.com)",
    "![image](https://example.com/a.png)",
    "https://example.com www.example.com a@example.com",
    "@octocat fixes #1",
    "`code` ``` *bold* _it_ ~~no~~ </details> --> :tada:",
    "=cmd|' /C calc'!A0",
    "+1",
    "-1",
    "@SUM(1)",
    "\t=1",
    "\r=1",
    "ä ☃ \U0001f600 \u202e \u200b",
    "\x00\x01\x1b[2J\x7f\x85\ufffe\uffff",
    "\ud800",
    "{0} {{x}} ${var.x}",
    "",
)


def render(word: str, audit: Audit, **more: Any) -> str:
    """Return what a format makes of an audit."""
    return AUDIT.renderer(word)(AuditReport(audit=audit, **more), PLAIN)


def hostile() -> Audit:
    """Return an audit in which each hostile text is name, message, waiver and file."""
    rules = [info(f"PREF-{number:02}") for number in range(len(HOSTILE))]
    failed = [
        finding(rule, Failed(CodeOrigin(text or "x", 1), text), subject=text)
        for rule, text in zip(rules, HOSTILE, strict=True)
    ]
    waived = [
        finding(rule, Failed(samples.DOCUMENT, text), waiver=Waiver(text, samples.DOCUMENT))
        for rule, text in zip(rules, HOSTILE, strict=True)
    ]
    undecided = [
        finding(rule, Undecided(samples.DOCUMENT, samples.NO_KEY, text), subject=text)
        for rule, text in zip(rules, HOSTILE, strict=True)
    ]
    return audit_of(*failed, *waived, *undecided)


def from_aws() -> Audit:
    """Return an audit of a live account: a failure, and what AWS refused to tell."""
    refused = Unknown(Why.DENIED, ApiOrigin(TRAIL, "cloudtrail:GetTrail"), "cloudtrail:GetTrail: AccessDenied")
    at: dict[str, Any] = {"account": "111122223333", "region": "eu-central-1", "root": "111122223333/eu-central-1"}
    return audit_of(
        finding(info("S3-03"), Failed(ApiOrigin(BUCKET, "s3:GetBucketAcl"), "public"), subject="logs", **at),
        finding(info("ACCT-01"), Undecided(ApiOrigin(TRAIL, "cloudtrail:GetTrail"), refused), subject="account", **at),
    )


def many(number: int, severity: Severity = Severity.HIGH) -> Audit:
    """Return an audit with so many failures."""
    rule = info("PREF-03", severity=severity)
    return audit_of(*(finding(rule, Failed(samples.DOCUMENT, "no"), subject=f"s{each}") for each in range(number)))


@cache
def sarif_schema() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(json.loads((SCHEMAS / "sarif-2.1.0.json").read_text(encoding="utf-8")))


def sarif_run(text: str) -> dict[str, Any]:
    """Return the only run of a log that keeps to the schema of SARIF 2.1.0."""
    assert text.isascii()
    log = json.loads(text)
    sarif_schema().validate(log)
    (run,) = log["runs"]
    assert isinstance(run, dict)
    return run


@cache
def junit_schema() -> xmlschema.XMLSchema:
    return xmlschema.XMLSchema(str(SCHEMAS / "jenkins-junit.xsd"))


def junit_cases(text: str) -> list[ET.Element]:
    """Return the cases of a document that keeps to Jenkins' schema, whose counts are right."""
    assert text.isascii()
    root = ET.fromstring(text)  # noqa: S314 - our own text
    junit_schema().validate(root)
    for group in (root, *root):
        assert int(group.attrib["tests"]) == len(list(group.iter("testcase")))
        assert int(group.attrib["failures"]) == len(list(group.iter("failure")))
        assert int(group.attrib["errors"]) == len(list(group.iter("error")))
    return list(root.iter("testcase"))


class Command(NamedTuple):
    """A workflow command as the runner understands it."""

    kind: str
    properties: dict[str, str]
    message: str


def commands(text: str) -> list[Command]:
    """Return the commands of a log, read as the runner reads them: it breaks lines at CR and LF only."""
    lines = re.split("\r\n|\r|\n", text.removesuffix("\n"))
    return [_command(line) for line in lines]


def _command(line: str) -> Command:
    found = re.fullmatch(r"::(\w+) (.*?)::(.*)", line)
    assert found is not None, line
    pairs = [pair.partition("=") for pair in found[2].split(",")]
    assert all(name in {"file", "line", "title"} for name, _, _ in pairs), line
    properties = {name: _undone(value, {"%3A": ":", "%2C": ","}) for name, _, value in pairs}
    return Command(found[1], properties, _undone(found[3], {}))


def _undone(text: str, more: dict[str, str]) -> str:
    for code, character in {"%0D": "\r", "%0A": "\n", **more, "%25": "%"}.items():
        text = text.replace(code, character)
    return text


OURS = {"h2", "p", "table", "thead", "tbody", "tr", "th", "td", "br", "wbr", "code", "details", "summary", "ul", "li"}
"""The tags that our Markdown has; any other comes from a name that acted."""


class Tags(HTMLParser):
    """Collects the tags of a page, its attributes, and its text by cell."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data


def page(text: str) -> Tags:
    """Return what GitHub's own renderer makes of Markdown, before its filter for dangerous tags."""
    options = Options.CMARK_OPT_UNSAFE
    html = cmarkgfm.markdown_to_html_with_extensions(text, options, ["table", "strikethrough", "autolink", "tasklist"])
    tags = Tags()
    tags.feed(html)
    tags.close()
    return tags


class Dom:
    """A page as a browser reads it, which found no error in it."""

    def __init__(self, text: str, *, strict: bool = True) -> None:
        assert text.isascii()
        parser = HTMLParser5(namespace_html_elements=False)
        self.root: ET.Element = parser.parse(text)
        assert not (strict and parser.errors), parser.errors

    def all(self, tag: str) -> list[ET.Element]:
        """Return the elements of this name, in the order of the page."""
        return [each for each in self.root.iter() if name_of(each) == tag]

    def having(self, attribute: str, value: str | None = None) -> list[ET.Element]:
        """Return the elements with this attribute, or with this value of it."""
        found = [each for each in self.root.iter() if attribute in each.attrib]
        return [each for each in found if value is None or each.attrib[attribute] == value]

    def text(self, identifier: str) -> str:
        """Return the text of the element with this id, blanks as one."""
        (element,) = self.having("id", identifier)
        return text_in(element)


def name_of(element: ET.Element) -> str:
    """Return the name of an element without its namespace."""
    return element.tag.rpartition("}")[2]


def text_in(element: ET.Element) -> str:
    return " ".join("".join(element.itertext()).split())


def rows(text: str) -> list[dict[str, str]]:
    """Return the rows of a CSV by column; every row has every cell, and every line ends in CR LF."""
    assert text.count("\n") == text.count("\r\n")
    head, *others = csv.reader(io.StringIO(text, newline=""), strict=True)
    assert {len(row) for row in others} <= {len(head)}
    return [dict(zip(head, row, strict=True)) for row in others]
