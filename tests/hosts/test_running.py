"""The probe sent by Run Command to the simulated account: every node ends in one answer, and one never hides others."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from ssm_hardening.core.errors import UsageError
from ssm_hardening.read.hosts import running, sending
from ssm_hardening.read.hosts.running import ProbeResult
from ssm_hardening.read.hosts.scripts import PLATFORMS, script
from ssm_hardening.read.hosts.sending import Chosen, OnlineNode, choose
from ssm_hardening.read.live import clients
from ssm_hardening.read.live.asking import AwsApi
from ssm_hardening.read.live.clients import AwsTarget, Clients
from ssm_hardening.read.live.reach import whoami
from ssm_hardening.sandbox.faults import Fault, FaultKind
from ssm_hardening.sandbox.server import Sandbox
from ssm_hardening.sandbox.server import running as started

TAGS = ("tag:Name=session-manager-linux-prod", "tag:Name=session-manager-windows-prod")
LOST, FOREIGN, GONE = "i-0123456789abcdef0", "mi-0123456789abcdef0", "i-fffffffffffffffff"


@pytest.fixture(scope="module")
def server() -> Iterator[Sandbox]:
    with started() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(server: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """The walkthrough's account, asked without long pauses; how long they are is not under test."""
    server.reset("walkthrough")
    for name, text in server.environment().items():
        monkeypatch.setenv(name, text)
    monkeypatch.setattr(running, "_FIRST_PAUSE", 0.01)
    monkeypatch.setattr(running, "_LONGEST_PAUSE", 0.05)
    return server


@pytest.fixture
def caller(sandbox: Sandbox) -> AwsApi:
    target = AwsTarget(region=sandbox.region)
    return AwsApi(Clients(target), whoami(target))


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(clients, "_ATTEMPTS", 2)
    clients._config.cache_clear()  # noqa: SLF001 - made once for a process
    yield
    clients._config.cache_clear()  # noqa: SLF001 - as above


def answers(caller: AwsApi, chosen: Chosen) -> dict[str, ProbeResult]:
    found = list(running.run(caller, chosen.nodes))
    assert len({each.node for each in found}) == len(found)
    return {each.node: each for each in found}


def by_platform(chosen: Chosen) -> dict[str, str]:
    return {node.platform: node.id for node in chosen.nodes}


def test_each_node_is_sent_its_own_probe_and_its_answer_says_who_asked(caller: AwsApi, sandbox: Sandbox) -> None:
    chosen = choose(caller, TAGS)
    ids = by_platform(chosen)
    assert chosen.left_out == ()
    told = answers(caller, chosen)
    for platform, probe in (("Linux", "linux"), ("Windows", "windows")):
        evidence: Any = told[ids[platform]].evidence
        assert evidence["probe"]["platform"] == probe
        assert evidence["node"]["id"] == ids[platform]
        assert evidence["collected"].keys() == {"instance", "account", "region", "command", "at"}
        assert evidence["collected"]["instance"] == ids[platform]
        assert (evidence["collected"]["account"], evidence["collected"]["region"]) == (sandbox.account, sandbox.region)
    commands = caller.clients.of("ssm").list_commands()["Commands"]
    assert {(each["DocumentName"], each["Comment"], each["TimeoutSeconds"]) for each in commands} == {
        ("AWS-RunShellScript", running.COMMENT, 60),
        ("AWS-RunPowerShellScript", running.COMMENT, 60),
    }
    assert all(each["Parameters"]["executionTimeout"] == ["60"] for each in commands)


def test_no_more_is_asked_than_the_policy_allows(caller: AwsApi, sandbox: Sandbox) -> None:
    sandbox.reset_calls()
    answers(caller, choose(caller, TAGS))
    allowed = {each for statement in sending.sender_policy()["Statement"] for each in statement["Action"]}
    asked = {f"{call.service}:{call.operation}" for call in sandbox.calls()}
    assert asked == allowed - {"sts:GetCallerIdentity"}
    assert {call.action for call in sending.CALLS} == allowed


def test_targets_that_cannot_be_asked_are_left_out_with_the_reason(caller: AwsApi, sandbox: Sandbox) -> None:
    registered = [
        {"InstanceId": LOST, "PingStatus": "ConnectionLost", "PlatformType": "Linux"},
        {"InstanceId": FOREIGN, "PingStatus": "Online", "PlatformType": "Plan9"},
    ]
    sandbox.put(instance_information=registered)
    chosen = choose(caller, (LOST, FOREIGN, GONE, "tag:Name=nobody", TAGS[0], TAGS[0]))
    assert [node.platform for node in chosen.nodes] == ["Linux"]
    reasons = {each.target: each.reason for each in chosen.left_out}
    assert reasons.keys() == {LOST, FOREIGN, GONE, "tag:Name=nobody"}
    assert "not online (ConnectionLost)" in reasons[LOST]
    assert "Plan9" in reasons[FOREIGN]
    assert "not registered" in reasons[GONE]


@pytest.mark.parametrize("target", ["", "web-1", "i-12", "i-0123456789abcdef0 ", "tag:", "tag:Name", "../x", "*"])
def test_what_names_no_node_is_refused(caller: AwsApi, target: str) -> None:
    with pytest.raises(UsageError, match="is not a valid target"):
        choose(caller, (TAGS[0], target))


def test_nodes_that_cannot_be_looked_up_are_an_error_that_names_the_call(caller: AwsApi, sandbox: Sandbox) -> None:
    sandbox.set_faults([Fault(operation="DescribeInstanceInformation")])
    with pytest.raises(UsageError, match="ssm:DescribeInstanceInformation: AccessDenied"):
        choose(caller, TAGS)


def test_one_that_went_offline_does_not_keep_the_others_from_being_asked(caller: AwsApi, sandbox: Sandbox) -> None:
    more = [f"i-{number:017x}" for number in range(1, 60)]
    online = [{"InstanceId": id_, "PingStatus": "Online", "PlatformType": "Linux"} for id_ in more]
    sandbox.put(instance_information=online)
    nodes = (*(OnlineNode(id=id_, platform="Linux") for id_ in more), OnlineNode(id=GONE, platform="Linux"))
    told = {each.node: each for each in running.run(caller, nodes)}
    assert {node for node, answer in told.items() if answer.evidence is not None} == set(more)
    assert "InvalidInstanceId" in told[GONE].problem


@pytest.mark.parametrize(
    ("output", "problem"),
    [
        ({"StandardOutputContent": "x" * 30_000}, "truncated the output"),
        ({"StandardOutputContent": '{"a": --output truncated--'}, "truncated the output"),
        ({"StandardOutputContent": "bash: nothing"}, "is not valid JSON"),
        ({"StandardOutputContent": "[" * 5_000}, "the output: "),
        ({"StandardOutputContent": "{}"}, "expected ssm-harden/host/1"),
        ({"StandardOutputContent": ""}, "printed nothing"),
        ({"StandardErrorContent": "secret: denied"}, "printed 14 characters of errors to stderr"),
        ({"Status": "Failed", "StatusDetails": "Failed", "ResponseCode": 127}, "Failed, exit code 127"),
        ({"Status": "TimedOut", "StatusDetails": "Delivery Timed Out", "ResponseCode": -1}, "Delivery Timed Out"),
    ],
)
def test_an_answer_that_is_no_evidence_is_that_nodes_problem_alone(
    caller: AwsApi, sandbox: Sandbox, output: dict[str, Any], problem: str
) -> None:
    chosen = choose(caller, TAGS)
    ids = by_platform(chosen)
    sandbox.put(command_output={ids["Linux"]: output})
    told = answers(caller, chosen)
    assert problem in told[ids["Linux"]].problem
    assert "secret" not in told[ids["Linux"]].problem
    assert told[ids["Linux"]].evidence is None
    assert told[ids["Windows"]].evidence is not None


def test_a_node_cannot_say_who_collected_its_answer(caller: AwsApi, sandbox: Sandbox) -> None:
    chosen = choose(caller, TAGS[:1])
    [node] = chosen.nodes
    forged = {"schema": "ssm-harden/host/1", "text": "bytes", "probe": {"platform": "linux"}}
    claimed = {**forged, "collected": {"instance": LOST, "account": "999999999999"}}
    sandbox.put(command_output={node.id: {"StandardOutputContent": json.dumps(claimed)}})
    evidence: Any = answers(caller, chosen)[node.id].evidence
    assert (evidence["collected"]["instance"], evidence["collected"]["account"]) == (node.id, sandbox.account)
    windows = {**forged, "probe": {"platform": "windows"}}
    sandbox.put(command_output={node.id: {"StandardOutputContent": json.dumps(windows)}})
    assert "reports Windows, but AWS reports Linux" in answers(caller, chosen)[node.id].problem


@pytest.mark.parametrize("operation", ["SendCommand", "GetCommandInvocation"])
def test_denied_is_said_with_the_call(caller: AwsApi, sandbox: Sandbox, operation: str) -> None:
    chosen = choose(caller, TAGS)
    sandbox.set_faults([Fault(operation=operation)])
    told = answers(caller, chosen)
    assert len(told) == 2
    assert all(each.denied and each.problem.startswith(f"ssm:{operation}: Acc") for each in told.values())


def test_throttled_a_little_and_not_known_at_once_are_waited_out(caller: AwsApi, sandbox: Sandbox) -> None:
    sandbox.set_faults(
        [
            Fault(kind=FaultKind.THROTTLED, operation="SendCommand", times=1),
            Fault(
                kind=FaultKind.ERROR,
                code="InvocationDoesNotExist",
                status=400,
                operation="GetCommandInvocation",
                times=3,
            ),
        ]
    )
    assert all(each.evidence is not None for each in answers(caller, choose(caller, TAGS)).values())


@pytest.mark.usefixtures("impatient")
def test_throttled_to_the_end_is_no_answer_and_says_why(
    sandbox: Sandbox, caller: AwsApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "_DEADLINE_SECONDS", 0.5)
    chosen = choose(caller, TAGS[:1])
    sandbox.set_faults([Fault(kind=FaultKind.THROTTLED, operation="GetCommandInvocation")])
    [told] = answers(caller, chosen).values()
    assert "no response within 0 s" in told.problem
    assert "throttled on every attempt" in told.problem
    assert told.evidence is None


@pytest.mark.parametrize("platform", PLATFORMS)
def test_systems_manager_finds_nothing_of_its_own_to_fill_into_the_probe(platform: str) -> None:
    assert "{{" not in script(platform, ("deploy",))
