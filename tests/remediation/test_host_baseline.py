"""What closes gaps inside nodes: it adds first, takes away after the canary, and only where nodes can be named."""

from dataclasses import replace
from pathlib import Path

import pytest

from ssm_hardening.core.values import Inventory, Known
from ssm_hardening.model import Account, Host
from ssm_hardening.read.hosts.joining import read_evidence, with_evidence
from ssm_hardening.remediation.plan import FromVariable
from ssm_hardening.remediation.planning import plan_remediation
from ssm_hardening.remediation.rendering import render
from ssm_hardening.verdicts.findings import Audit, Failed, Undecided
from tests.remediation.live import audited, remedied_live
from tests.remediation.loop import read_text
from tests.remediation.proposing import (
    allow,
    asked,
    call_of,
    canary_of,
    gap,
    lockout,
    node_role,
    planned,
    preferences_of,
    stage_of,
    step_of,
    weak_account,
)
from tests.rules.builders import known
from tests.rules.builders_live import instance, live_preferences

EVIDENCE = Path(__file__).parents[1] / "hosts" / "evidence"


def inside(number: int) -> Host:
    """Return the inside of the node of this number, as Linux comes."""
    (read,) = read_evidence([EVIDENCE / "linux-as-it-comes.json"])
    name = str(getattr(instance(number).name, "value", ""))
    return replace(read.host, name=known(name), address=f"{name} (inside)")


def account(*hosts: Host) -> Account:
    nodes = [instance(number, role="web") for number, _ in enumerate(hosts, 1)]
    found = weak_account(roles=[node_role("web", allow("ssm:UpdateInstanceInformation"))], instances=nodes)
    return replace(found, hosts=Inventory(hosts))


def test_it_names_the_nodes_and_waits_for_the_canary() -> None:
    one, other = inside(1), inside(2)
    plan = planned(account(one, other), ("HOST-02", one), ("HOST-02", other))
    call = call_of(plan, "host-baseline")
    names = sorted(str(getattr(each.name, "value", "")) for each in (one, other))
    assert call.inputs["targets"] == [{"key": "InstanceIds", "values": names}]
    assert call.inputs["remove_privileges"] == FromVariable("canary_passed")
    assert (call.inputs["linux"], call.inputs["windows"]) == (True, False)
    assert call.inputs["keep_agent_current"] is False
    assert stage_of(plan, "host-baseline") < canary_of(plan)
    assert {(each.rule, each.subject) for each in plan.proved} == {("HOST-02", one.address), ("HOST-02", other.address)}
    assert asked(plan, "sudo or administrator rights of ssm-user")


def test_the_node_role_keeps_what_the_association_needs() -> None:
    host = inside(1)
    found = account(host)
    (role,) = found.roles.items
    plan = planned(found, ("HOST-02", host), ("ROLE-02", role))
    kept = call_of(plan, "instance-role").inputs["keep"]
    assert isinstance(kept, list)
    assert {"associations", "run-command"} <= set(kept)


def test_nodes_have_the_run_as_user_before_a_document_names_it() -> None:
    host = inside(1)
    found = account(host)
    plan = planned(found, ("HOST-02", host), ("RUNAS-01", preferences_of(found)))
    preferences = call_of(plan, "session-preferences")
    assert call_of(plan, "host-baseline").inputs["run_as_user"] == preferences.inputs["run_as_default_user"]
    assert "module.host_baseline" in preferences.depends_on
    assert "describe-association-executions" in lockout(plan, "Run As is on for").avoided_by


def test_more_nodes_than_one_association_takes_get_a_tag_first() -> None:
    hosts = [inside(number) for number in range(1, 52)]
    plan = planned(account(*hosts), *[("HOST-02", host) for host in hosts])
    assert not [call for call in plan.modules if call.module == "host-baseline"]
    stage, step = step_of(plan, "51 nodes")
    assert stage.title == "Run As users"
    assert step.closes == ("HOST-02",)


def test_evidence_alone_is_a_step_for_a_person() -> None:
    (read,) = read_evidence([EVIDENCE / "linux-as-it-comes.json"])
    (alone,) = with_evidence((), [read])
    plan = planned(alone, ("HOST-02", read.host))
    assert not plan.modules
    assert step_of(plan, "host-baseline")[0].title == "Restrictions"


def test_evidence_beside_what_an_account_needs_is_called_there() -> None:
    found = account()
    (read,) = read_evidence([EVIDENCE / "windows-workgroup-powershell-7.json"])
    held, alone = with_evidence((found,), [read])
    findings = (gap(held, "ACCT-03", None), gap(alone, "HOST-03", read.host))
    audit = Audit(standard="baseline", sources=(), findings=findings, rules=tuple(each.rule for each in findings))
    plan = plan_remediation(audit, (held, alone), into=False, read_file=read_text)
    assert call_of(plan, "host-baseline").inputs["targets"]


@pytest.mark.parametrize("rule", ["HOST-01", "HOST-04"])
def test_a_setting_of_the_agent_is_a_step_for_a_person(rule: str) -> None:
    host = inside(1)
    plan = planned(account(host), (rule, host))
    assert not [call for call in plan.modules if call.module == "host-baseline"]
    assert step_of(plan, "host-baseline")[0].title == "Agents"


def test_what_the_agent_talks_to_is_looked_at_on_the_machine() -> None:
    host = inside(1)
    plan = planned(account(host), ("NET-02", host))
    assert not [call for call in plan.modules if call.module == "node-security-group"]
    assert step_of(plan, "found on the node itself")[0].title == "Restrictions"


def test_a_run_as_user_that_nodes_lack_is_made_there_and_no_document_is_changed() -> None:
    host = inside(1)
    found = replace(account(host), session_documents=Inventory((live_preferences(run_as_default_user="operator"),)))
    (audit,) = [each for each in audited(found).findings if each.rule.id == "RUNAS-02"]
    assert isinstance(audit.verdict, Undecided)  # nobody asked the probe for this user
    (user,) = host.identities.items
    lacking = replace(user, name=known("operator"), exists=Known(value=False, at=user.at))
    found = replace(found, hosts=Inventory((replace(host, identities=Inventory((user, lacking))),)))
    (failed,) = [each for each in audited(found).findings if each.rule.id == "RUNAS-02"]
    assert isinstance(failed.verdict, Failed)
    plan = remedied_live(found).plan
    stage, step = step_of(plan, "run_as_user of module host-baseline")
    assert (stage.title, step.closes) == ("Run As users", ("RUNAS-02",))
    assert not [call for call in plan.modules if call.module == "session-preferences"]
    assert call_of(plan, "host-baseline").inputs["run_as_user"] == "operator"


def test_a_user_with_roots_rights_is_never_made() -> None:
    host = inside(1)
    found = replace(account(host), session_documents=Inventory((live_preferences(run_as_default_user="ubuntu"),)))
    assert "run_as_user" not in call_of(planned(found, ("HOST-02", host)), "host-baseline").inputs


def test_the_scripts_travel_with_the_module() -> None:
    host = inside(1)
    files = render(planned(account(host), ("HOST-02", host))).files
    assert "visudo" in files["modules/host-baseline/scripts/linux.sh"]
    assert "canary_passed" in files["main.tf"]
