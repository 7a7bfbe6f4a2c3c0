"""What a generated folder says about itself: one page to read, and a second with everything else."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from ssm_hardening.read.live.clients import AwsTarget, WantedStores
from ssm_hardening.read.live.picture import read_account
from ssm_hardening.remediation.plan import RemediationPlan
from ssm_hardening.remediation.rendering import COMPANION_DETAILS, COMPANION_README, DETAILS, README, md_cell, md_text
from ssm_hardening.sandbox.server import running
from tests.remediation.live import remedied_live
from tests.remediation.loop import remedied

EXAMPLES, RULES = Path(__file__).parents[2] / "examples", Path(__file__).parents[1] / "rules"
FOLDERS = (EXAMPLES / "average", EXAMPLES / "careless", RULES / "PREF-07", RULES / "ROLE-02", RULES / "S3-05")
MOST_WORDS = 600


def pages(files: Mapping[str, str], *, into: bool) -> tuple[str, str]:
    names = (COMPANION_README, COMPANION_DETAILS) if into else (README, DETAILS)
    return files[names[0]], files[names[1]]


def demand_one_page(plan: RemediationPlan, files: Mapping[str, str]) -> None:
    """Fail where the first page is longer than a page, or where the two of them leave something out."""
    readme, details = pages(files, into=plan.into)
    assert len(re.sub(r"```.*?```", "", readme, flags=re.DOTALL).split()) <= MOST_WORDS
    assert (COMPANION_DETAILS if plan.into else DETAILS) in readme
    said = [md_text(each) for stage in plan.stages for each in (stage.title, *stage.checks)]
    said += [md_text(each) for step in plan.manual for each in (step.what, step.why)]
    said += [md_cell(call.note) for call in plan.modules] + [md_text(each) for each in plan.questions]
    said += [md_cell(each) for row in plan.lockouts for each in (row.change, row.stops, row.avoided_by)]
    said += [md_cell(each) for row in plan.costs for each in (row.what, row.formula)]
    said += [md_cell(each.description) for each in plan.variables]
    assert [each for each in said if each not in details] == []


@pytest.mark.parametrize("standard", ["baseline", "strict"])
@pytest.mark.parametrize("into", [False, True], ids=["out", "into"])
@pytest.mark.parametrize("folder", FOLDERS, ids=lambda each: each.name)
def test_it_is_one_page_and_the_details_leave_nothing_out(folder: Path, standard: str, *, into: bool) -> None:
    loop = remedied(folder, into=into, standard=standard)

    demand_one_page(loop.plan, loop.generated.files)


@pytest.mark.server
@pytest.mark.parametrize("into", [False, True], ids=["out", "into"])
def test_so_it_is_for_a_whole_account(monkeypatch: pytest.MonkeyPatch, *, into: bool) -> None:
    with running("walkthrough") as sandbox:
        for name, text in sandbox.environment().items():
            monkeypatch.setenv(name, text)
        live = remedied_live(read_account(AwsTarget(region=sandbox.region), WantedStores()), into=into)

    assert len(live.plan.stages) > 5
    assert re.search(
        r"Optional \(with a default\): `(ssm_harden_)?canary_passed`", pages(live.generated.files, into=into)[0]
    )
    demand_one_page(live.plan, live.generated.files)


def test_a_variable_of_its_own_has_something_that_reads_it() -> None:
    """The canary's switch was asked for where no call had it as an input."""
    loop = remedied(EXAMPLES / "careless", into=False)

    written = loop.generated.files["main.tf"]
    assert [each.name for each in loop.plan.variables if f"var.{each.name}" not in written] == []


def test_required_variables_are_told_from_those_with_a_default() -> None:
    readme, details = pages(remedied(EXAMPLES / "careless", into=False).generated.files, into=False)

    assert "None has a default" not in details
    assert re.search(r"Required: .*`log_bucket_name`", readme)
    assert "Optional" not in readme
