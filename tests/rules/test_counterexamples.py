"""What a failure that rests on policies shows: a request that they allow; and what a pass says was asked."""

from dataclasses import replace
from pathlib import Path

import pytest

from ssm_hardening.access.answers import Topic
from ssm_hardening.access.view import access_view, row_cell
from ssm_hardening.core.origins import ApiOrigin
from ssm_hardening.core.values import Unknown, Why
from ssm_hardening.iam.examples import ANYBODY, stranger_allowed
from ssm_hardening.iam.requests import Counterexample
from ssm_hardening.judge.engine import run
from ssm_hardening.model import Account
from ssm_hardening.rules.catalogue import load_rule
from ssm_hardening.verdicts.findings import Failed, Passed
from ssm_hardening.verdicts.standards import BUILT_IN
from tests.rules.builders_live import OWNER
from tests.rules.builders_people import GITHUB, admitting, allow, deny, good, role, staffed
from tests.rules.builders_readers import grant, quiet_account, quiet_keys
from tests.rules.fixtures import fixture_folders, fixtures, judge, read

OTHERWISE: dict[str, set[str]] = {
    "CW-04": {"fail_copied.cw_04"},
    "KMS-06": set(),
    "KMS-07": {"fail.kms_07", "fail_delegated"},
    "NET-05": {"fail_s3"},
    "S3-07": set(),
    "S3-09": {"fail_copied.s3_09"},
}
"""Failures that allow no request: copies, or that a policy does not allow what is needed."""

OF_POLICIES = [
    each
    for each in fixture_folders()
    if (each.startswith("OPER-") and each != "OPER-09")
    or each in {"ROLE-01", "ROLE-02", "ROLE-04", "ROLE-05", "ROLE-06", "S3-10", "KMS-04", *OTHERWISE}
]
CASES = [
    pytest.param(rule, path, id=f"{rule}-{path.stem}")
    for rule in OF_POLICIES
    for path in fixtures(rule)
    if path.name.startswith("fail")
]


@pytest.mark.parametrize(("rule", "path"), CASES)
def test_each_failure_that_rests_on_policies_carries_a_request_that_they_allow(
    rule: str, path: Path, tmp_path: Path
) -> None:
    failed = [each.verdict for each in judge(rule, read(path, tmp_path)) if isinstance(each.verdict, Failed)]
    assert failed
    without = [each for each in failed if each.example is None]
    assert bool(without) == (path.stem in OTHERWISE.get(rule, set())), without
    for each in failed:
        assert each.example is None or (each.example.by and each.example.action)


def failure(account: Account, rule: str) -> Counterexample:
    (verdict,) = [each.verdict for each in judge(rule, (account,)) if isinstance(each.verdict, Failed)]
    assert verdict.example is not None
    return verdict.example


def test_the_example_names_the_keys_that_the_policies_ask_for_and_no_others() -> None:
    """A Deny that spares the request is part of what decides: its key is shown as well."""
    mfa = {"Bool": {"aws:MultiFactorAuthPresent": ["true"]}}
    spared = deny(["iam:*"], conditions={"Bool": {"aws:SecureTransport": ["false"]}})
    found = failure(staffed(role(allow(["iam:PutRolePolicy"], conditions=mfa), spared, kind="other")), "OPER-07")
    assert found.action == "iam:PutRolePolicy"
    assert found.context == (("aws:MultiFactorAuthPresent", ("true",)), ("aws:SecureTransport", ("true",)))


def test_a_session_without_mfa_is_one_on_the_nodes_that_the_policy_names() -> None:
    tagged = {"StringEquals": {"ssm:resourceTag/env": ["dev"]}}
    found = failure(staffed(role(allow(["ssm:StartSession"], conditions=tagged), trust=[])), "OPER-08")
    assert found.action == "ssm:StartSession"
    assert dict(found.context)["ssm:resourceTag/env"] == ("dev",)
    assert dict(found.context)["aws:MultiFactorAuthPresent"] == ("false",)


def test_what_takes_two_requests_shows_both_and_to_which_service_the_role_is_passed() -> None:
    found = failure(staffed(role(allow(["iam:PassRole", "ssm:CreateActivation"]), kind="other")), "OPER-07")
    assert {each.action for each in (found, *found.also)} == {"iam:PassRole", "ssm:CreateActivation"}
    (passing,) = [each for each in (found, *found.also) if each.action == "iam:PassRole"]
    assert passing.context == (("iam:PassedToService", ("ssm.amazonaws.com",)),)


def test_a_command_shows_its_document_and_a_node() -> None:
    found = failure(staffed(role(allow(["ssm:SendCommand"]), kind="other")), "OPER-05")
    assert {each.action for each in (found, *found.also)} == {"ssm:SendCommand"}
    assert ":document/" in found.resource
    assert any(":instance/" in each.resource for each in found.also)


def test_what_a_node_takes_two_actions_for_shows_both() -> None:
    queries = {"logs:DescribeQueries", "logs:GetQueryResults"}
    found = failure(staffed(role(allow([*queries]), kind="node")), "ROLE-04")
    assert {each.action for each in (found, *found.also)} == queries


def test_the_access_view_shows_all_requests_that_a_way_takes() -> None:
    account = staffed(role(allow(["iam:PassRole", "ssm:CreateActivation"]), kind="other"))
    (row,) = access_view(account).rows
    cell = row_cell(row, Topic.ESCALATION)
    assert cell.example is not None
    assert {each.action for each in (cell.example, *cell.example.also)} == {"iam:PassRole", "ssm:CreateActivation"}


def test_a_grant_of_a_key_shows_who_has_it_and_what_it_allows() -> None:
    found = failure(quiet_account(keys=quiet_keys(grants=[grant("role/other")])[:1]), "KMS-06")
    assert (found.principal, found.action) == (f"arn:aws:iam::{OWNER}:role/other", "kms:Decrypt")


def test_what_a_boundary_lets_through_is_named_beside_the_grant() -> None:
    limit = replace(allow(["iam:*"]), at=ApiOrigin("arn:aws:iam::111122223333:policy/b", "iam:GetPolicyVersion"))
    grant = allow(["iam:PutRolePolicy"])
    held = role(grant, kind="other", boundary="arn:aws:iam::111122223333:policy/b", boundary_statements=[limit])
    assert failure(staffed(held), "OPER-07").by == (grant.at, limit.at)


def test_an_account_that_is_not_known_is_no_number() -> None:
    account = staffed(role(allow(["iam:PutRolePolicy"]), kind="other"))
    gap = Unknown(Why.COMPUTED, account.at, "the account")
    found = failure(replace(account, account=gap), "OPER-07")
    assert found.resource.startswith("arn:aws:iam::<account>:role/")


def test_what_everyone_may_is_a_request_of_anybody(tmp_path: Path) -> None:
    findings = judge("S3-07", read(next(each for each in fixtures("S3-07") if each.stem == "fail"), tmp_path))
    (example,) = {each.verdict.example for each in findings if isinstance(each.verdict, Failed)}
    assert example is not None
    assert example.principal == ANYBODY


def test_a_request_of_anybody_has_what_the_statement_asks_for() -> None:
    asks = {"Bool": {"aws:SecureTransport": ["true"]}, "StringNotEquals": {"aws:UserAgent": ["x"]}}
    found = stranger_allowed(allow(["s3:GetObject"], conditions=asks), "everybody")
    assert (found.principal, found.action) == (ANYBODY, "s3:GetObject")
    assert found.context == (("aws:SecureTransport", ("true",)),)


def test_a_pass_says_what_was_asked_and_not_who_is_an_administrator() -> None:
    (verdict,) = [each.verdict for each in judge("OPER-10", (staffed(role(*good())),))]
    assert isinstance(verdict, Passed)
    assert verdict.asked is not None
    assert "ec2:GetPasswordData" in verdict.asked.actions
    assert "ec2:instance" in verdict.asked.resources
    assert verdict.asked.requests >= len(verdict.asked.actions)
    assert not {"unnamed:Anything", "iam:AttachRolePolicy"} & {*verdict.asked.actions}


def test_a_pass_of_a_rule_that_asks_no_policies_says_nothing_of_them() -> None:
    assert not [each for each in judge("S3-01", (staffed(),)) if getattr(each.verdict, "asked", None) is not None]


OTHER = "arn:aws:iam::444455556666"


@pytest.mark.parametrize("kind", ["root", "role/deploy"])
def test_accounts_that_the_standard_trusts_give_no_example(kind: str) -> None:
    account = staffed(admitting("partner", "AWS", f"{OTHER}:{kind}"))
    example = failure(account, "OPER-12")
    assert (example.principal.split(":")[4], example.action) == ("444455556666", "sts:AssumeRole")
    baseline = BUILT_IN["baseline"]
    for trusted, verdict in (("444455556666", Passed), ("999988887777", Failed)):
        chosen = replace(baseline, thresholds=replace(baseline.thresholds, trusted_accounts=(trusted,)))
        (found,) = run([load_rule("OPER-12")], (account,), chosen).findings
        assert isinstance(found.verdict, verdict)


def test_the_example_of_a_web_identity_is_any_subject_of_its_provider() -> None:
    example = failure(staffed(admitting("pipeline", "OIDC", GITHUB)), "OPER-12")
    assert (example.principal, example.action) == (f"any subject of {GITHUB}", "sts:AssumeRoleWithWebIdentity")
    assert example.resource.endswith(":role/pipeline")
