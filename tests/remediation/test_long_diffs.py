"""The diff of a long file is as good as that of a short one, and takes no more for each line."""

import random
import subprocess
from pathlib import Path

import pytest

from ssm_hardening.remediation.plan import diff


def _lines(count: int) -> list[str]:
    return [f'  name = "document-{number // 4}"' if number % 4 == 1 else "}" for number in range(count)]


@pytest.mark.parametrize("seed", range(4))
def test_patch_makes_the_new_text_of_a_long_one(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)  # noqa: S311 - a test's own
    before = _lines(6_000)
    after = list(before)
    for place in sorted(chance.sample(range(len(after)), 40), reverse=True):
        after[place : place + chance.randrange(3)] = [f"  added = {place}"] * chance.randrange(3)
    old, new = ("".join(f"{line}\n" for line in lines) for lines in (before, after))
    (tmp_path / "main.tf").write_text(old)
    text = diff("main.tf", old, new)
    subprocess.run(["git", "apply", "--unidiff-zero", "-"], input=text, text=True, cwd=tmp_path, check=True)
    assert (tmp_path / "main.tf").read_text() == new


def test_a_short_text_and_the_same_in_a_long_one_have_the_same_hunk() -> None:
    before = [f"line {number}\n" for number in range(5_000)]
    after = [*before[:4_000], "new\n", *before[4_000:]]
    assert diff("f", "".join(before), "".join(after)) == (
        "--- a/f\n+++ b/f\n@@ -3998,6 +3998,7 @@\n"
        " line 3997\n line 3998\n line 3999\n+new\n line 4000\n line 4001\n line 4002\n"
    )
