import json
from pathlib import Path

from ssm_hardening.read.hosts.sending import CALLS, sender_policy
from ssm_hardening.read.live.calls import STARTING, all_calls, auditor_policy, services

TOP = Path(__file__).resolve().parents[3]
READING = ("Describe", "Get", "List", "Lookup", "Head")
SECRETS = {
    "s3:GetObject",
    "ssm:GetParameter",
    "ssm:GetParameters",
    "ssm:GetParametersByPath",
    "ssm:GetParameterHistory",
    "logs:GetLogEvents",
    "logs:FilterLogEvents",
    "logs:StartQuery",
    "kms:Decrypt",
    "secretsmanager:GetSecretValue",
}


def allowed() -> set[str]:
    return {action for statement in auditor_policy()["Statement"] for action in statement["Action"]}


def test_the_policy_allows_every_call_and_nothing_else() -> None:
    assert allowed() == {call.action for call in all_calls()} - set(STARTING)


def test_every_call_reads() -> None:
    assert [str(call) for call in all_calls() if not call.operation.startswith((*READING, "AssumeRole"))] == []


def test_no_secret_and_no_content_can_be_read() -> None:
    assert allowed() & SECRETS == set()
    assert [action for action in allowed() if "*" in action] == []


def test_the_auditor_sends_no_command() -> None:
    beyond = {call.action for call in CALLS} - allowed()
    assert beyond == {"ssm:SendCommand", "ssm:GetCommandInvocation"}


def test_who_sends_the_probe_reaches_tagged_nodes_by_two_documents_alone() -> None:
    may_send = [each for each in sender_policy()["Statement"] if "ssm:SendCommand" in each["Action"]]
    documents, nodes = may_send
    assert [arn.partition("document/")[2] for arn in documents["Resource"]] == [
        "AWS-RunPowerShellScript",
        "AWS-RunShellScript",
    ]
    assert nodes["Condition"] == {"StringEquals": {"ssm:resourceTag/ssm-harden-probe": "true"}}
    assert all(":instance/" in arn or ":managed-instance/" in arn for arn in nodes["Resource"])


def test_an_action_has_the_prefix_that_iam_knows_the_service_by() -> None:
    """IAM's prefix is the name that requests are signed for, in AWS's own models: `s3` for S3 Control."""
    from botocore.session import Session

    client = Session().create_client
    signed = {
        name: client(name, region_name="eu-west-1").meta.service_model.signing_name
        for name in {call.service for call in (*all_calls(), *CALLS)}
    }
    other = [call.action for call in (*all_calls(), *CALLS) if call.action.partition(":")[0] != signed[call.service]]
    assert other == []


def test_every_service_has_a_statement() -> None:
    assert {call.service for call in all_calls() if call.action not in STARTING} <= services()


def test_the_module_carries_this_policy() -> None:
    text = (TOP / "modules" / "auditor-role" / "policy.json").read_text(encoding="utf-8")
    assert json.loads(text) == auditor_policy()


def test_the_policy_fits_an_inline_policy_of_a_role() -> None:
    assert len(json.dumps(auditor_policy(), separators=(",", ":"))) < 10_240
