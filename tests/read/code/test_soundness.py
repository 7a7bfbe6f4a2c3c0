"""What we say while a variable is unknown holds whatever value it is given, and is what Terraform says."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from ssm_hardening.core.values import Value
from ssm_hardening.read.code.inputs import Inputs
from tests.read.code.comparing import contradicts
from tests.read.code.evaluating import outputs, plain
from tests.read.code.expressions import EXPRESSIONS, VALUES, VARIABLES

# Hypothesis does not bear a limit that changes while a test runs.
sys.setrecursionlimit(max(sys.getrecursionlimit(), 12_000))

GIVEN = st.fixed_dictionaries({name: st.sampled_from(texts) for name, texts in VALUES.items()})
HIDDEN = st.sets(st.sampled_from(sorted(VALUES)), min_size=1)


def _evaluated(text: str, values: dict[str, str]) -> dict[str, Value[Any]]:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "main.tf").write_text(text)
        return outputs(Path(folder), Inputs(variables=values))


def _module(expressions: list[str]) -> str:
    made = (f'output "o{n}" {{\n  value = {expression}\n}}\n' for n, expression in enumerate(expressions))
    return VARIABLES + "".join(made)


def _has_gap(shown: Any) -> bool:
    return "?" in json.dumps(shown) or "one of" in json.dumps(shown)


@settings(max_examples=400, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(EXPRESSIONS, GIVEN, HIDDEN)
def test_what_is_said_without_a_value_holds_with_it(expression: str, values: dict[str, str], hidden: set[str]) -> None:
    text = _module([expression])
    with_all = plain(_evaluated(text, values)["o0"])
    if not _has_gap(with_all):
        claim = _evaluated(text, {name: value for name, value in values.items() if name not in hidden})["o0"]
        assert contradicts(claim, with_all) is None
        assert contradicts(_evaluated(text, {})["o0"], with_all) is None


@pytest.mark.terraform
@settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(st.lists(EXPRESSIONS, min_size=60, max_size=90), GIVEN, HIDDEN)
def test_what_is_said_is_what_terraform_says(expressions: list[str], values: dict[str, str], hidden: set[str]) -> None:
    if shutil.which("terraform") is None:
        pytest.skip("terraform is not on PATH")
    real = _outputs_by_terraform(expressions, values)
    text = _module(expressions)
    known = _evaluated(text, values)
    partly = _evaluated(text, {name: value for name, value in values.items() if name not in hidden})
    wrong = []
    for n, expression in enumerate(expressions):
        if real[f"o{n}"] != "error":
            for claims in (known, partly):
                found = contradicts(claims[f"o{n}"], json.loads(real[f"o{n}"]))
                wrong += [f"{expression}: {found}"] if found is not None else []
    assert not wrong, "\n".join(wrong)


def _outputs_by_terraform(expressions: list[str], values: dict[str, str]) -> dict[str, str]:
    with tempfile.TemporaryDirectory() as folder:
        guarded = [f'try(jsonencode({expression}), "error")' for expression in expressions]
        (Path(folder) / "main.tf").write_text(_module(guarded))
        options = [f"-var={name}={value}" for name, value in values.items()]
        _terraform(folder, "plan", "-input=false", "-refresh=false", "-out=plan", *options)
        shown = json.loads(_terraform(folder, "show", "-json", "plan"))["planned_values"].get("outputs", {})
        return {name: output.get("value", "error") for name, output in shown.items()}


def _terraform(folder: str, *arguments: str) -> str:
    env = {**os.environ, "CHECKPOINT_DISABLE": "1"}
    done = subprocess.run(
        ["terraform", *arguments], cwd=folder, env=env, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
