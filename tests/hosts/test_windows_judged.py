"""What Windows nodes answer, read by the reader and judged by the rules: servers, controllers, languages, versions."""

import json

import pytest

from ssm_hardening.core.values import Known
from ssm_hardening.judge import engine
from ssm_hardening.read.hosts.joining import read_evidence, with_evidence
from ssm_hardening.rules.catalogue import load_rule
from ssm_hardening.verdicts.findings import Failed, Finding
from ssm_hardening.verdicts.standards import BUILT_IN
from tests.hosts.documents import EVIDENCE, SEEDS, document, read
from tests.hosts.test_evidence_facts import plain
from tests.rules.fixtures import kind

VERDICTS = {
    "member-server": {
        "HOST-01": "failed high",
        "HOST-02": "not_applicable",
        "HOST-03": "failed high",
        "HOST-04": "failed high",
        "HOST-05": "failed medium",
    },
    "workgroup-powershell-7": {
        "HOST-01": "passed",
        "HOST-02": "not_applicable",
        "HOST-03": "failed medium",
        "HOST-04": "passed",
        "HOST-05": "passed",
    },
    "domain-controller": {
        "HOST-01": "passed",
        "HOST-02": "not_applicable",
        "HOST-03": "passed",
        "HOST-04": "passed",
        "HOST-05": "passed",
    },
    "localised-german": {
        "HOST-01": "passed",
        "HOST-02": "not_applicable",
        "HOST-03": "failed high",
        "HOST-04": "passed",
        "HOST-05": "passed",
    },
    "localised-russian": {
        "HOST-01": "passed",
        "HOST-02": "not_applicable",
        "HOST-03": "failed high",
        "HOST-04": "passed",
        "HOST-05": "passed",
    },
    "everybody-administrator": {
        "HOST-01": "passed",
        "HOST-02": "not_applicable",
        "HOST-03": "failed high",
        "HOST-04": "passed",
        "HOST-05": "passed",
    },
    "hardened": {
        "HOST-01": "passed",
        "HOST-02": "not_applicable",
        "HOST-03": "passed",
        "HOST-04": "passed",
        "HOST-05": "passed",
    },
    "not-elevated": {
        "HOST-01": "undecided",
        "HOST-02": "not_applicable",
        "HOST-03": "undecided",
        "HOST-04": "undecided",
        "HOST-05": "undecided",
    },
}
CASES = [(name, rule) for name, verdicts in VERDICTS.items() for rule in verdicts]


def finding(rule: str, name: str) -> Finding:
    """Return what a rule says of the node in an example."""
    (evidence,) = read_evidence((EVIDENCE / f"windows-{name}.json",))
    (found,) = engine.run([load_rule(rule)], with_evidence((), (evidence,)), BUILT_IN["baseline"]).findings
    return found


def message(rule: str, name: str) -> str:
    verdict = finding(rule, name).verdict
    assert isinstance(verdict, Failed)
    return " ".join([verdict.message, *(each.note for each in verdict.related)])


def test_every_example_is_judged() -> None:
    assert {f"windows-{name}" for name in VERDICTS} == {path.stem for path in EVIDENCE.glob("windows-*.json")}


@pytest.mark.parametrize(("name", "rule"), CASES, ids=[" ".join(case) for case in CASES])
def test_the_rules_say_of_each_node(name: str, rule: str) -> None:
    found = finding(rule, name)
    said = kind(found)
    assert (f"{said} {found.severity.value}" if said == "failed" else said) == VERDICTS[name][rule]


@pytest.mark.parametrize(
    ("name", "group", "member"),
    [
        ("member-server", "Administrators", "APP01\\ssm-user"),
        ("localised-german", "Administratoren", "B\u00dcRO-SRV\\ssm-user"),
        ("localised-russian", "Администраторы", "SRV-ACCT\\ssm-user"),
    ],
)
def test_the_group_and_the_member_are_called_as_the_node_calls_them(name: str, group: str, member: str) -> None:
    (evidence,) = read_evidence((EVIDENCE / f"windows-{name}.json",))
    assert plain(evidence.host.administrators_name) == group
    assert member in plain(evidence.host.administrators)
    assert member in message("HOST-03", name)


def test_letters_of_other_languages_are_characters_here_and_no_bytes() -> None:
    host = read(document("windows-localised-german")).host
    assert plain(host.label) == "B\u00dcRO-SRV"
    assert "BEISPIEL\\J\u00f6rg M\u00fc\u00dfig" in plain(host.administrators)
    assert [plain(user.name) for user in host.identities] == ["ssm-user", "j\u00fcrgen"]


def test_a_member_who_is_gone_has_his_sid_for_a_name() -> None:
    host = read(document("windows-member-server")).host
    assert "S-1-5-21-3623811015-3361044348-30300820-4711" in plain(host.administrators)


def test_the_powershell_that_sessions_use_is_the_one_of_windows() -> None:
    assert plain(read(document("windows-workgroup-powershell-7")).host.powershell) == "5.1.20348.1"


def test_who_may_write_the_configuration_is_named() -> None:
    assert "EXAMPLE\\Deployers" in message("HOST-04", "member-server")


def test_the_policy_that_stops_streaming_and_the_old_logs_are_named() -> None:
    said = message("HOST-05", "member-server")
    assert "transcription" in said
    assert "73 days" in said


def test_the_configuration_is_data_whatever_its_line_ends() -> None:
    host = read(document("windows-hardened")).host
    assert isinstance(host.config, Known)
    assert plain(host.config)["Kms"] == {"RequireKMSChallengeResponse": True}


def test_a_list_of_administrators_that_is_not_whole_is_no_pass() -> None:
    data = document("windows-hardened")
    data["administrators"]["members"]["more"] = "40 of 51 are listed"
    evidence = read(data)
    (found,) = engine.run([load_rule("HOST-03")], with_evidence((), (evidence,)), BUILT_IN["baseline"]).findings
    assert kind(found) == "undecided"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_what_powershell_redirects_into_a_file_is_read_in_each_of_its_encodings(
    encoding: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    data = document("windows-localised-german")
    file = tmp_path_factory.mktemp("evidence") / "node.json"
    file.write_bytes((json.dumps(data).replace("\n", "\r\n") + "\r\n").encode(encoding))
    (evidence,) = read_evidence((file,))
    assert plain(evidence.host.administrators_name) == "Administratoren"


@pytest.mark.parametrize(("when", "expected"), [("before", "failed"), ("after", "passed")])
def test_the_simulated_node_is_an_administrators_until_the_remedy_ran(when: str, expected: str) -> None:
    data = json.loads((SEEDS / f"windows-{when}.json").read_text(encoding="ascii").replace("@NODE@", f"i-{1:017x}"))
    (found,) = engine.run([load_rule("HOST-03")], with_evidence((), (read(data),)), BUILT_IN["baseline"]).findings
    assert kind(found) == expected
