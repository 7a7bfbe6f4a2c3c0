"""Audits with so many gaps, as the first screen is shown them: realistic rules, places, subjects and remedies."""

from dataclasses import replace
from typing import NamedTuple

from ssm_hardening.core.origins import CodeOrigin
from ssm_hardening.core.values import Unknown, Why
from ssm_hardening.remediation.plan import Aim, Edit, ModuleCall, RemediationPlan, Stage
from ssm_hardening.report.formats import AuditReport, View
from ssm_hardening.verdicts.findings import (
    Audit,
    Failed,
    Finding,
    Passed,
    Question,
    Requirement,
    Severity,
    Undecided,
    Waiver,
)
from tests.report.builders import audit_of, finding, info

ROOT = "infra"


class Row(NamedTuple):
    """A rule as it fails: what is wrong, where, of what, and how it is closed."""

    rule: str
    severity: str
    headline: str
    file: str
    subjects: tuple[str, ...]
    way: str
    about: Requirement = Requirement.AUDITING


_IN, _WHO, _ANY = Requirement.SECURE_ACCESS, Requirement.ACCESS_CONTROL, Requirement.CROSS_PLATFORM
_DOC = ("aws_ssm_document.preferences",)
_SRE, _LOGS, _GROUP = ("aws_iam_role.sre",), ("aws_s3_bucket.logs",), ("aws_cloudwatch_log_group.s",)
ROWS = (
    Row("PREF-07", "medium", "Idle sessions stay open for 60 minutes", "ssm.tf", _DOC, "edit"),
    Row("NET-01", "critical", "SSH is open to the world", "ec2.tf", ("aws_instance.web",), "manual", _IN),
    Row("PREF-03", "high", "Sessions are recorded nowhere", "ssm.tf", _DOC, "generate"),
    Row("OPER-01", "critical", "Sessions may be started on every node", "iam.tf", _SRE, "generate", _WHO),
    Row("RUNAS-01", "medium", "Sessions share one OS user", "ssm.tf", _DOC, "edit", _WHO),
    Row("PREF-08", "low", "Sessions have no maximum duration", "ssm.tf", _DOC, "edit"),
    Row("KMS-03", "medium", "The key does not rotate", "kms.tf", ("aws_kms_key.logs",), "edit"),
    Row("S3-07", "high", "Another account may read recordings", "logs.tf", _LOGS, "manual"),
    Row("PREF-15", "low", "The preferences may be destroyed", "ssm.tf", _DOC, "edit"),
    Row("ROLE-07", "high", "Nodes accept IMDSv1", "ec2.tf", ("aws_instance.web", "aws_instance.batch"), "edit", _WHO),
    Row("OPER-06", "critical", "Anyone may change the preferences", "iam.tf", ("aws_iam_role.dev",), "generate", _WHO),
    Row("ROLE-02", "medium", "Nodes read every parameter", "iam.tf", ("aws_iam_role.node",), "manual", _WHO),
    Row("S3-04", "medium", "Recordings may be overwritten", "logs.tf", _LOGS, "edit"),
    Row("S3-05", "low", "Recordings never expire", "logs.tf", _LOGS, "edit"),
    Row("OPER-05", "high", "Commands run as root beside sessions", "iam.tf", _SRE, "generate", _WHO),
    Row("S3-06", "medium", "The bucket accepts requests without TLS", "logs.tf", _LOGS, "edit"),
    Row("NET-02", "low", "Nodes reach the whole internet", "ec2.tf", ("aws_instance.web",), "generate", _IN),
    Row("CW-04", "high", "Recordings in the log group may be erased", "logs.tf", _GROUP, "manual"),
    Row("NET-05", "medium", "An endpoint admits everyone", "vpc.tf", ('aws_vpc_endpoint.e["ssm"]',), "generate", _IN),
    Row("KMS-01", "low", "Sessions use no customer key", "ssm.tf", _DOC, "generate"),
)  # fmt: skip


def screen(number: int, **view: object) -> AuditReport:
    """Return a report with so many gaps; with some, also what is undecided, waived and noted."""
    failed = tuple(_failures(number))
    others = _undecided()[: 7 if number else 1] + [_passed()] + (_waived() if number > 10 else [])
    audit = audit_of(*failed, *others)
    notes = ("used from the environment: TF_VAR_region",) if number > 10 else ()
    return AuditReport(audit, plan_for(audit), notes=notes, view=View(given=ROOT, **view))  # type: ignore[arg-type]


def _failures(number: int) -> list[Finding]:
    found: list[Finding] = []
    turn = 0
    while len(found) < number:
        for index, row in enumerate(ROWS):
            found += _of_row(row, index, turn)
        turn += 1
    return found[:number]


def _of_row(row: Row, index: int, turn: int) -> list[Finding]:
    folder = f"{ROOT}/" if not turn else f"{ROOT}/modules/team-{turn:02}/"
    at = CodeOrigin(f"{folder}{row.file}", 2 + 12 * index)
    prefix = "" if not turn else f"module.team-{turn:02}."
    rule = info(
        row.rule,
        title=f"{row.headline}, as a title",
        headline=row.headline,
        severity=Severity(row.severity),
        requirement=row.about,
        question=Question.AUDIT,
    )
    return [
        finding(rule, Failed(at, f"{row.headline}, in detail"), subject=f"{prefix}{each}", origin=at, root=ROOT)
        for each in row.subjects
    ]


def _undecided() -> list[Finding]:
    key = Unknown(Why.UNRESOLVED_INPUT, CodeOrigin("infra/variables.tf", 4), "var.kms_key_arn has no default")
    module = Unknown(
        Why.OUT_OF_SCOPE,
        CodeOrigin("infra/main.tf", 40),
        'module.network ("acme/network/aws") is not here; run terraform init to bring it',
    )
    rules = [info(each) for each in ("KMS-02", "KMS-05", "KMS-06", "KMS-07", "NET-03", "NET-04", "PATH-01")]
    gaps = [key] * 4 + [module] * 3
    return [
        finding(rule, Undecided(CodeOrigin("infra/main.tf", 9), gap), root=ROOT, subject=f"aws_x.n{number}")
        for number, (rule, gap) in enumerate(zip(rules, gaps, strict=True))
    ]


def _passed() -> Finding:
    at = CodeOrigin("infra/hosts.tf", 1)
    return finding(info("HOST-01", requirement=_ANY), Passed(at, "the agent is current"), root=ROOT)


def _waived() -> list[Finding]:
    at = CodeOrigin("infra/jobs.tf", 2)
    one = finding(info("PREF-12"), Failed(at, "a shell profile runs"), root=ROOT)
    return [replace(one, subject=f"aws_ssm_document.{name}", waiver=Waiver("batch", at)) for name in ("a", "b")]


def plan_for(audit: Audit) -> RemediationPlan:
    """Return a plan that closes what the rows say can be closed."""
    ways = {row.rule: row.way for row in ROWS}
    failed = [each for each in audit.findings if isinstance(each.verdict, Failed) and each.waiver is None]
    closed = [each for each in failed if ways.get(each.rule.id, "manual") != "manual"]
    made = tuple(sorted({each.rule.id for each in closed if ways[each.rule.id] == "generate"}))
    edited: dict[str, set[str]] = {}
    for each in closed:
        if ways[each.rule.id] == "edit" and isinstance(each.verdict.at, CodeOrigin):
            edited.setdefault(each.verdict.at.file, set()).add(each.rule.id)
    edits = [Edit(file=file, diff="", after="", closes=tuple(sorted(rules))) for file, rules in edited.items()]
    calls = (ModuleCall(label="session_preferences", module="session-preferences", inputs={}, closes=made),)
    return RemediationPlan(
        stages=(Stage(number=1, title="Preferences", modules=calls if made else (), edits=tuple(edits)),),
        targets=tuple(Aim(each.rule.id, each.root, each.subject) for each in closed),
    )
