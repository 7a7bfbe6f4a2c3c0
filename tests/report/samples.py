"""One audit with its remediation that shows every part of a report."""

from ssm_hardening.core.origins import CodeOrigin
from ssm_hardening.core.values import Unknown, Why
from ssm_hardening.remediation.plan import (
    CostItem,
    Edit,
    FromExpression,
    FromVariable,
    Handover,
    Lockout,
    ManualStep,
    ModuleCall,
    RemediationPlan,
    Stage,
    Variable,
)
from ssm_hardening.verdicts.findings import (
    Audit,
    Crashed,
    Failed,
    NotApplicable,
    Passed,
    Question,
    Related,
    Requirement,
    RuleInfo,
    Severity,
    Undecided,
    Waiver,
)
from tests.report.builders import finding, info

DOCUMENT = CodeOrigin("prod/main.tf", 3, 29)
IDLE = CodeOrigin("prod/main.tf", 14)
BUCKET = CodeOrigin("prod/logs.tf", 1, 8)
NO_KEY = Unknown(Why.UNRESOLVED_INPUT, CodeOrigin("prod/variables.tf", 4), "var.kms_key has no default")
REMOTE = Unknown(
    Why.OUT_OF_SCOPE, CodeOrigin("prod/main.tf", 40), "module.network comes from a registry and is not vendored"
)

RUN_AS = info(
    "RUNAS-01",
    title="Run As is off",
    question=Question.CONTEXT,
    requirement=Requirement.ACCESS_CONTROL,
    explanation="Without Run As every session shares ssm-user,\n"
    "who can become root in one step. Windows has no Run As.",
)
STORED = info(
    "PREF-03",
    title="Sessions are recorded nowhere",
    severity=Severity.HIGH,
    explanation="A shell that leaves no record cannot be investigated afterwards.",
)
IDLE_TIME = info("PREF-07", title="Idle sessions stay open too long")
MAXIMUM = info("PREF-08", title="Sessions never have to end", severity=Severity.LOW)
PUBLIC = info(
    "S3-03",
    title="Log bucket can be public",
    severity=Severity.CRITICAL,
    remedy="log-bucket",
    explanation="Transcripts hold whatever operators typed, so nobody outside may list or read them.",
)
KEY = info("KMS-01", title="No key of one's own", also=(Requirement.SECURE_ACCESS,), remedy="session-keys")
OWNER = info("ACCT-07", title="Preferences have several owners", remedy=None, manual="only you know who owns them")
PORTS = info("NET-01", title="Inbound ports", question=Question.ACCESS, requirement=Requirement.SECURE_ACCESS)
RULES: tuple[RuleInfo, ...] = (RUN_AS, STORED, IDLE_TIME, MAXIMUM, PUBLIC, KEY, OWNER, PORTS)

DIFF = """\
--- prod/main.tf
+++ prod/main.tf
@@ -12,3 +12,4 @@
     inputs = {
-      idleSessionTimeout = "60"
+      idleSessionTimeout = "15"
+      runAsEnabled       = true
     }
"""


def audit() -> Audit:
    """Return an audit with verdicts of every kind."""
    instances = [f'module.ssm["{name}"].aws_ssm_document.prefs' for name in ("a", "b", "c")]
    findings = [
        finding(RUN_AS, Failed(DOCUMENT, "runAsEnabled is not set"), origin=DOCUMENT),
        *(
            finding(
                STORED, Failed(DOCUMENT, "neither a bucket nor a log group is named"), subject=name, origin=DOCUMENT
            )
            for name in instances
        ),
        finding(IDLE_TIME, Failed(IDLE, "idle sessions end after 60 minutes, 20 are allowed"), origin=DOCUMENT),
        finding(
            MAXIMUM,
            Failed(DOCUMENT, "maxSessionDuration is not set"),
            origin=DOCUMENT,
            waiver=Waiver("nightly batch jobs run for hours", CodeOrigin("prod/main.tf", 2), "2027-01-31"),
        ),
        finding(
            PUBLIC,
            Failed(BUCKET, "block_public_acls is false", related=(Related(CodeOrigin("prod/logs.tf", 5), "here"),)),
            subject="aws_s3_bucket.logs",
            origin=BUCKET,
        ),
        finding(KEY, Undecided(CodeOrigin("prod/main.tf", 16), NO_KEY), origin=DOCUMENT),
        finding(OWNER, NotApplicable(DOCUMENT, "one owner"), origin=DOCUMENT),
        finding(PORTS, Undecided(DOCUMENT, REMOTE), subject="account", origin=DOCUMENT),
        finding(PORTS, Passed(CodeOrigin("prod/net.tf", 7), "no inbound rule"), subject="aws_security_group.nodes"),
    ]
    return Audit(standard="baseline", sources=("terraform",), findings=tuple(findings), rules=RULES)


def crashed() -> Audit:
    """Return an audit of which one rule broke."""
    return Audit(
        standard="strict",
        sources=("terraform",),
        findings=(finding(KEY, Crashed(DOCUMENT, "TypeError: boom")),),
        rules=RULES,
    )


def plan() -> RemediationPlan:
    """Return a plan with everything a plan can hold."""
    keys = ModuleCall(
        label="session_keys",
        module="session-keys",
        inputs={"alias": "alias/session", "administrators": FromVariable("key_administrators")},
        closes=("KMS-01",),
        note="One key for the channel, one for each store.",
    )
    bucket = ModuleCall(
        label="log_bucket",
        module="log-bucket",
        inputs={"name": 'x"\n}', "kms_key_arn": FromExpression("module.session_keys.bucket_key_arn")},
        closes=("PREF-03", "S3-03"),
        depends_on=("session_keys",),
    )
    edit = Edit(file="prod/main.tf", diff=DIFF, after="", closes=("PREF-07", "RUNAS-01"))
    new = Edit(
        file="prod/ssm_harden_variables.tf",
        diff='--- /dev/null\n+++ prod/ssm_harden_variables.tf\n@@ -0,0 +1 @@\n+variable "run_as_user" {}\n',
        after="",
        closes=(),
    )
    step = ManualStep(
        what="Create the Run As users on the nodes.", why="images are yours", at="every node", closes=("RUNAS-01",)
    )
    return RemediationPlan(
        stages=(
            Stage(number=1, title="Keys", modules=(keys,)),
            Stage(number=2, title="Log stores", modules=(bucket,), checks=("the keys of stage 1 exist",)),
            Stage(number=7, title="Preferences", edits=(edit, new), manual=(step,)),
        ),
        variables=(Variable("key_administrators", "list(string)", "ARNs of the roles that manage the keys.", ["x"]),),
        handovers=(
            Handover(
                "prod",
                Variable("session_kms_key_arn", "string", "The key that sessions are encrypted with.", "x"),
                "module.session_keys.session_key_arn",
            ),
            Handover("prod", Variable("run_as_user", "string", "The OS user of sessions.", "x"), None),
        ),
        lockouts=(
            Lockout(
                change="Run As is switched on",
                stops="sessions to nodes without the user",
                avoided_by="create it on every node first",
            ),
        ),
        questions=("Do the Run As users exist in images and autoscaling groups?",),
        costs=(
            CostItem(what="3 KMS keys", monthly_usd=3.0),
            CostItem(what="log storage", monthly_usd=None, formula="0.025 per GB kept"),
        ),
    )
