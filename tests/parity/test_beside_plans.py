"""Code beside its plan decides what either decides, says each thing once, and passes nothing that the plan fails."""

import gzip
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from ssm_hardening.cli.sources import read_sources
from ssm_hardening.judge.engine import run
from ssm_hardening.read.code.inputs import Inputs
from ssm_hardening.read.graph import Reading
from ssm_hardening.report.verdicts import fingerprint
from ssm_hardening.rules.catalogue import load_rules
from ssm_hardening.verdicts.findings import Failed, Finding, Undecided
from ssm_hardening.verdicts.standards import load_standard
from tests.recorder.plans import FIRST, PLANS

HERE = Path(__file__).parents[2]
CASES = {
    "tests/parity/careless": PLANS / "careless-planned.json.gz",
    "tests/parity/grown": PLANS / "grown-planned.json.gz",
    "tests/parity/hardened": PLANS / "hardened-planned.json.gz",
    "tests/parity/two": FIRST / "tests-parity-two.json.gz",
    "examples/average": FIRST / "examples-average.json.gz",
    "examples/careless": FIRST / "examples-careless.json.gz",
    "examples/hardened": FIRST / "examples-hardened.json.gz",
}
IS_THERE_ALREADY = {("NET-01", "module.nodes.aws_instance.old")}
"""Where the plan shows what an object got when it was made, which its code does not say: a public address."""

ONLY_IN_CODE = (
    r"\.(content|policy) is known after apply",  # JSON as one text: constants and functions in it are not told
    r"aws_iam_policy_document\.\w+\.statement\.[\w.]+ is known after apply",  # `"${aws_s3_bucket.b.arn}/*"`
    r"a plan does not contain lifecycle settings",
    r"whether the rule's prefix reaches session logs",  # the prefix is in the content of the document
    r"aws_route_table_association\.\S+\.subnet_id is known after apply",  # which of two pairs `for_each` hands out
    r"whether the canonical user ID \w+ is the bucket owner's",
)
"""Why a plan alone leaves undecided what its code decides."""

Key = tuple[str, str, str]


def _findings(reading: Reading) -> Mapping[Key, Finding]:
    audit = run(load_rules(), reading.accounts, load_standard("baseline"))
    found = [((each.rule.id, each.subject, each.region), each) for each in audit.findings]
    assert len(dict(found)) == len(found)
    return dict(found)


@pytest.mark.parametrize("place", CASES)
def test_code_and_its_plan_are_one_picture(place: str, tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    file.write_bytes(gzip.decompress(CASES[place].read_bytes()))
    root = HERE / place
    reading = read_sources([root], None, Inputs(), plans=[file], quiet=True)
    assert (tuple(reading.joined), reading.notes) == ((str(file),), ())
    code = _findings(read_sources([root], None, Inputs(), quiet=True))
    plan = _findings(read_sources(None, None, Inputs(), plans=[file], quiet=True))
    both = _findings(reading)
    gaps = {key: found.verdict.gap.detail for key, found in plan.items() if isinstance(found.verdict, Undecided)}
    open_ones = [gaps[key] for key in gaps if key in code and not isinstance(code[key].verdict, Undecided)]
    assert not [each for each in open_ones if not any(re.search(one, each) for one in ONLY_IN_CODE)]
    assert {fingerprint(each) for each in both.values()} >= {fingerprint(each) for each in code.values()}
    failed = {key for key, each in plan.items() if isinstance(each.verdict, Failed)}
    assert not [key for key in failed if not isinstance(both[key].verdict, Failed)]
    settled = {key for each in (code, plan) for key, found in each.items() if not isinstance(found.verdict, Undecided)}
    assert not [key for key in settled if key in both and isinstance(both[key].verdict, Undecided)]
    changed = {
        key[:2]
        for key, each in code.items()
        if not isinstance(each.verdict, Undecided) and type(each.verdict) is not type(both[key].verdict)
    }
    assert changed <= (IS_THERE_ALREADY if place == "tests/parity/grown" else set())
    assert all(key in failed for key in both if key[:2] in changed)
