"""Plans for gaps that are named, not found: what is planned hangs neither on which rules there are nor on verdicts."""

from collections.abc import Mapping
from typing import Any

from ssm_hardening.core.origins import ApiOrigin
from ssm_hardening.core.values import Inventory
from ssm_hardening.iam.statements import Statement
from ssm_hardening.model import Account, Fact, Holding, LogBucket, OwnerKind, Ownership, Role, User
from ssm_hardening.remediation.plan import Lockout, ManualStep, ModuleCall, RemediationPlan, Stage
from ssm_hardening.remediation.planning import plan_remediation
from ssm_hardening.verdicts.findings import Audit, Failed, Finding, Question, Requirement, RuleInfo, Severity
from tests.remediation.loop import read_text
from tests.rules.builders import fact, lift, statement
from tests.rules.builders_live import LOG_BUCKET, LOG_GROUP, OWNER, PREFERENCES, live_account, live_preferences

GROUP = "/example/sessions"
CONTENT: Mapping[str, Any] = {
    "schemaVersion": "1.0",
    "sessionType": "Standard_Stream",
    "inputs": {
        "s3BucketName": "example-session-logs",
        "s3KeyPrefix": "sessions",
        "s3EncryptionEnabled": False,
        "cloudWatchLogGroupName": GROUP,
        "cloudWatchEncryptionEnabled": False,
        "cloudWatchStreamingEnabled": True,
        "kmsKeyId": "",
        "runAsEnabled": False,
        "runAsDefaultUser": "",
    },
}


def holding(of: str, kind: str, identifier: str, settings: Mapping[str, Any]) -> Holding:
    """Return a part of what exists, its settings given as JSON."""
    return Holding(of=of, type=kind, import_id=identifier, at=ApiOrigin(of, "x:Get"), settings=lift(nested(settings)))


def nested(value: Any) -> Any:
    return lift({key: nested(each) for key, each in value.items()}) if isinstance(value, Mapping) else lift(value)


def document_holding(content: Mapping[str, Any] = CONTENT) -> Holding:
    settings = {"Content": content, "DocumentVersion": "3", "DefaultVersion": "3"}
    return holding(PREFERENCES, "aws_ssm_document", "SSM-SessionManagerRunShell", settings)


def bucket_holdings(algorithm: str) -> list[Holding]:
    """Return a bucket that encrypts by default with this algorithm."""
    rule = {"ApplyServerSideEncryptionByDefault": lift({"SSEAlgorithm": algorithm})}
    encryption = {"ServerSideEncryptionConfiguration": {"Rules": [lift(rule)]}}
    name = "example-session-logs"
    return [
        holding(LOG_BUCKET, "aws_s3_bucket", name, {}),
        holding(LOG_BUCKET, "aws_s3_bucket_versioning", name, {"Status": "Enabled"}),
        holding(LOG_BUCKET, "aws_s3_bucket_server_side_encryption_configuration", name, encryption),
        holding(LOG_BUCKET, "aws_s3_bucket_ownership_controls", name, {
            "OwnershipControls": {"Rules": [lift({"ObjectOwnership": "BucketOwnerEnforced"})]},
        }),
    ]  # fmt: skip


def group_holding() -> Holding:
    return holding(LOG_GROUP, "aws_cloudwatch_log_group", GROUP, {"retentionInDays": 365})


def owned_by(kind: OwnerKind | None, about: Fact) -> Ownership:
    """Return whose a fact is; None: nothing names anybody."""
    owner, nobody = lift(kind and kind.value), lift(None)
    return Ownership(of=about.address, at=about.origin, owner=owner, name=nobody, evidence=nobody)


def weak_account(**overrides: Any) -> Account:
    """Return a live account whose preferences have every gap, and are nobody's code."""
    preferences = live_preferences(
        kms_key=None,
        s3_encryption_enabled=False,
        cloudwatch_encryption_enabled=False,
        run_as_enabled=False,
        run_as_default_user=None,
    )
    found: dict[str, Any] = {
        "session_documents": [preferences],
        "holdings": [document_holding()],
        "owners": [],
        "instances": [],
        "sessions": [],
        "users": [],
        "groups": [],
        "vpcs": [],
        "associations": [],
    }
    return live_account(**found | overrides)


def gap(account: Account, rule: str, about: Fact | None, message: str = "not as it should be") -> Finding:
    """Return a failure of this rule on a fact, or on the account itself."""
    info = RuleInfo(
        id=rule,
        title=rule,
        severity=Severity.HIGH,
        question=Question.ACCESS,
        requirement=Requirement.ACCESS_CONTROL,
        remedy="a module",
    )
    at = account.at if about is None else about.origin
    return Finding(
        rule=info,
        account=str(getattr(account.account, "value", "")),
        root=account.root,
        region=str(getattr(account.region, "value", "")),
        subject="account" if about is None else about.address,
        declaration="" if about is None else about.declaration,
        origin=at,
        verdict=Failed(at, message),
        severity=info.severity,
    )


def planned(account: Account, *gaps: tuple[str, Fact | None]) -> RemediationPlan:
    """Return the plan for these failures: rule and fact."""
    findings = tuple(gap(account, rule, about) for rule, about in gaps)
    audit = Audit(standard="baseline", sources=(), findings=findings, rules=tuple(each.rule for each in findings))
    return plan_remediation(audit, (account,), into=False, read_file=read_text)


def preferences_of(account: Account) -> Fact:
    (document,) = account.session_documents.items
    return document


def bucket_of(account: Account) -> LogBucket:
    (bucket,) = account.log_buckets.items
    return bucket


def lockout(plan: RemediationPlan, *words: str) -> Lockout:
    """Return the one lockout that says all of these words."""
    found = [each for each in plan.lockouts if all(word in told(each) for word in words)]
    assert len(found) == 1, [told(each) for each in plan.lockouts]
    return found[0]


def told(lockout: Lockout) -> str:
    return f"{lockout.change} | {lockout.stops} | {lockout.avoided_by}"


def untold(plan: RemediationPlan, *words: str) -> bool:
    return not [each for each in plan.lockouts if all(word in told(each) for word in words)]


def call_of(plan: RemediationPlan, module: str) -> ModuleCall:
    (found,) = [each for each in plan.modules if each.module == module]
    return found


def stage_of(plan: RemediationPlan, module: str) -> int:
    """Return the number of the stage that calls a module."""
    (found,) = [each.number for each in plan.stages if any(call.module == module for call in each.modules)]
    return found


def step_of(plan: RemediationPlan, word: str) -> tuple[Stage, ManualStep]:
    """Return the one step for a person that says this word, and its stage."""
    (found,) = [(stage, step) for stage in plan.stages for step in stage.manual if word in f"{step.what} {step.why}"]
    return found


def canary_of(plan: RemediationPlan) -> int:
    (found,) = [each.number for each in plan.stages if each.title == "Canary"]
    return found


def asked(plan: RemediationPlan, *words: str) -> bool:
    """Say whether a question has all of these words."""
    return any(all(word in question for word in words) for question in plan.questions)


def allow(*actions: str, on: str = "*", **overrides: Any) -> Statement:
    """Return a statement that allows actions on one resource, everything by default."""
    return statement(**{"actions": list(actions), "resources": [on], **overrides})


def role(name: str, *statements: Statement, **overrides: Any) -> Role:
    """Return a role that people of the account may assume."""
    trust = statement(actions=["sts:AssumeRole"], principals={"AWS": [f"arn:aws:iam::{OWNER}:root"]})
    defaults: dict[str, Any] = {
        "name": name,
        "kind": "operator",
        "trusted_services": [],
        "trust": Inventory((trust,)),
        "managed_policies": [],
        "statements": Inventory(statements),
        "boundary": None,
        "boundary_statements": Inventory(),
        "instances": [],
        "form": "role",
        "tags": {},
    }
    made: Role = fact(Role, f"arn:aws:iam::{OWNER}:role/{name}", defaults, overrides)
    return made


def node_role(name: str, *statements: Statement, **overrides: Any) -> Role:
    """Return a role of nodes."""
    service = "ec2.amazonaws.com"
    trust = Inventory((statement(actions=["sts:AssumeRole"], principals={"Service": [service]}),))
    return role(name, *statements, **{"kind": "node", "trusted_services": [service], "trust": trust, **overrides})


def user(name: str, *statements: Statement, **overrides: Any) -> User:
    defaults: dict[str, Any] = {
        "name": name,
        "groups": [],
        "managed_policies": [],
        "statements": Inventory(statements),
        "boundary": None,
        "boundary_statements": Inventory(),
        "tags": {},
    }
    made: User = fact(User, f"arn:aws:iam::{OWNER}:user/{name}", defaults, overrides)
    return made
