"""What reports tell of live accounts: what there is, and many accounts at a glance."""

from collections.abc import Sequence

import pytest

from ssm_hardening.core.values import Inventory, Known, Unknown, Why
from ssm_hardening.judge.engine import run
from ssm_hardening.model import Account
from ssm_hardening.report.audit_json import audit_document
from ssm_hardening.report.formats import AuditReport
from ssm_hardening.report.matrix import matrix
from ssm_hardening.report.style import Style
from ssm_hardening.report.table import render_audit
from ssm_hardening.rules.catalogue import load_rules
from ssm_hardening.verdicts.findings import Audit
from ssm_hardening.verdicts.standards import BUILT_IN
from tests.rules import builders_live as live

DENIED = Unknown(Why.DENIED, live.AT, "sts:AssumeRole: AccessDenied")


def audit(accounts: Sequence[Account]) -> Audit:
    return run(load_rules(), accounts, BUILT_IN["baseline"])


def report(accounts: Sequence[Account], width: int = 120) -> str:
    return render_audit(AuditReport(audit=audit(accounts), accounts=tuple(accounts)), Style(width=width))


def elsewhere(account: str, region: str, made: Account) -> Account:
    from dataclasses import replace

    at = live.AT
    root = f"{account}/{region}"
    return replace(made, root=root, account=Known(account, at), region=Known(region, at))


def unread(account: str, region: str, why: Unknown = DENIED) -> Account:
    nothing: Inventory[object] = Inventory((), why)
    kinds = ("session_documents", "log_buckets", "log_groups", "keys", "instances", "settings", "sessions")
    return elsewhere(account, region, live.bare(**dict.fromkeys(kinds, nothing)))


def section(text: str, title: str) -> str:
    return text.split(f"\n{title}", 1)[1].split("──\n", 1)[1].split("──\n", 1)[0]


def test_each_section_begins_with_what_there_is() -> None:
    text = report([live.live_account()])
    context = section(text, "Security context and privileges")
    assert context.index("Nodes") < context.index("RUNAS-01")
    audited = section(text, "Auditing and logging")
    assert audited.index("Sessions of the last 30 days") < audited.index("PREF-01")
    assert "VPC endpoints" in section(text, "Network, ports, and IAM")


def test_an_account_without_preferences_shows_the_defaults() -> None:
    audited = section(report([live.live_account(session_documents=[])]), "Auditing and logging")
    for words in ("no document: the AWS defaults apply", "20 min (AWS default)", "none: TLS only", "ssm-user"):
        assert words in audited


def test_what_was_not_read_is_no_nothing() -> None:
    denied: Inventory[object] = Inventory((), Unknown(Why.DENIED, live.AT, "ssm:ListDocuments: AccessDeniedException"))
    audited = section(report([live.live_account(session_documents=denied)]), "Auditing and logging")
    assert "unknown: ssm:ListDocuments" in audited
    assert "the AWS defaults apply" not in audited


def test_code_has_no_estate() -> None:
    from tests.rules import builders

    assert "Nodes" not in report([builders.account()])


@pytest.mark.parametrize("width", [60, 100, 120])
def test_tables_keep_to_the_width(width: int) -> None:
    # An ARN is one word, which nothing can break; every line of words keeps to the width.
    wide = [line for line in report([live.live_account()], width).splitlines() if len(line) > width]
    assert [line for line in wide if "arn:" not in line] == []


def test_the_matrix_has_the_worst_account_first() -> None:
    good = elsewhere("111111111111", "eu-west-1", live.live_account())
    bad = elsewhere("222222222222", "eu-west-1", live.live_account(session_documents=[], sessions=[live.session(1)]))
    accounts = [good, bad, unread("333333333333", "eu-west-1")]
    cells = matrix(accounts, audit(accounts).findings)
    assert cells[0].account == "222222222222"
    assert [cell.rank for cell in cells] == sorted(cell.rank for cell in cells)
    text = section(report(accounts), "Accounts and Regions")
    assert text.index("222222222222") < text.index("111111111111")
    assert "! 333333333333 eu-west-1: sts:AssumeRole: AccessDenied" in text


def test_what_belongs_to_no_region_is_a_column_behind_the_regions_and_is_not_counted() -> None:
    accounts = [elsewhere("111111111111", region, live.live_account()) for region in ("eu-west-1", "us-east-1")]
    text = report(accounts)
    heads = section(text, "Accounts and Regions").splitlines()[1].split()
    assert heads == ["account", "eu-west-1", "us-east-1", "global"]
    assert "1 account, 2 Regions" in text


def test_one_reason_never_hides_another() -> None:
    disabled = Unknown(Why.UNAVAILABLE, live.AT, "the Region is not enabled")
    many = [unread(f"{number:012}", "eu-west-1", disabled) for number in range(30)]
    told = section(report([*many, unread("333333333333", "eu-west-1")]), "Accounts and Regions")
    assert "! 333333333333 eu-west-1: sts:AssumeRole: AccessDenied" in told
    assert "and 26 more: the Region is not enabled" in " ".join(told.split())


def test_the_json_lists_what_was_refused() -> None:
    accounts = [elsewhere("111111111111", "eu-west-1", live.live_account()), unread("333333333333", "eu-west-1")]
    listed = audit_document(AuditReport(audit=audit(accounts), accounts=tuple(accounts)))["accounts"]
    assert {cell["account"]: cell["unread"] for cell in listed} == {
        "111111111111": None,
        "333333333333": "sts:AssumeRole: AccessDenied",
    }


def test_one_account_and_region_is_no_matrix() -> None:
    assert "Accounts and Regions" not in report([live.live_account()])


def test_sessions_of_one_kind_are_one_entry() -> None:
    sessions = [live.session(number, recording_object=None, recording_stream=None) for number in range(1, 8)]
    text = report([live.live_account(sessions=sessions)])
    assert text.count("REC-01  ") == 1
