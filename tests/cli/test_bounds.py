"""Inputs that are endless, too large or nested without end: a message or an open verdict that says so, and soon.

Nothing is timed here: what would not end in minutes ends at the limit of `ssm_harden`, or hangs the run.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from ssm_hardening.core import limits
from tests.cli.conftest import Here
from tests.cli.running import DOCUMENT, ssm_harden, ssm_harden_in_turn, write

DEEP = 100_000
CONTENT = DOCUMENT[: DOCUMENT.index("jsonencode")] + "CONTENT\n}\n"
COLLECTIONS = {"flow": "[" * 8_000 + "]" * 8_000, "maps": "{a: " * 8_000 + "}" * 8_000, "block": "- " * 8_000 + "x"}
CONDITIONALS = (
    "var.x ? { a = LAST } : [LAST]",
    "var.x ? { a = LAST } : { b = LAST }",
    "var.x ? [LAST, 1] : [LAST]",
    "{ a = var.x ? LAST : 1, b = var.x ? [2] : LAST }",
    "[var.x ? LAST : 1, LAST]",
)


@pytest.mark.parametrize("command", ["check --waivers", "check --baseline", "diff /dev/zero"])
def test_an_endless_file_of_decisions(command: str, tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": DOCUMENT})
    ran = ssm_harden(*command.split(), "/dev/zero", cwd=tmp_path)
    assert (ran.code, "/dev/zero: larger than" in ran.err) == (2, True)


def test_an_endless_file(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": DOCUMENT})
    options = ("--snapshot", "--var-file", "--plan-json", "--evidence")
    commands = [("inspect", ".", option, "/dev/zero") for option in options]
    for option, ran in zip(options, ssm_harden_in_turn(*commands, cwd=tmp_path, limited=False), strict=True):
        assert ran.code == 2, option
        assert "/dev/zero" in ran.err, option


@pytest.mark.parametrize(
    ("option", "most"),
    [
        ("--standard", limits.STANDARD),
        ("--var-file", limits.CODE),
        ("--waivers", limits.WAIVERS),
        ("--baseline", limits.BASELINE),
    ],
)
def test_a_file_that_is_too_large_is_named_with_the_limit(option: str, most: int, tmp_path: Path, here: Here) -> None:
    write(tmp_path, {"main.tf": DOCUMENT, "large": b"#" * (most + 1)})
    ran = here("plan", ".", option, "large")
    assert ran.code == 2
    assert "large: " in ran.err
    assert f"{most:,}" in ran.err


def test_a_snapshot_that_is_too_large(tmp_path: Path, here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SNAPSHOT", 1_000)
    write(tmp_path, {"large.json": " " * 1_001})
    ran = here("plan", "--snapshot", "large.json")
    assert ran.code == 2
    assert "large.json: larger than the limit of 1,000 bytes" in ran.err


def test_a_snapshot_that_cannot_be_read(tmp_path: Path, here: Here) -> None:
    (tmp_path / "latin.json").write_bytes(b"\xe4")
    assert "latin.json: cannot be read: not valid UTF-8\n" in here("plan", "--snapshot", "latin.json").err
    assert "no.json: cannot be read: No such file or directory\n" in here("plan", "--snapshot", "no.json").err


@pytest.mark.parametrize(
    "option", ["--snapshot", "--plan-json", "--evidence", "--standard", "--var-file", "--waivers", "--baseline"]
)
@pytest.mark.parametrize("text", ["[" * DEEP, '{"a":' * DEEP, "a = " + "[" * DEEP])
def test_nesting_without_end_in_what_is_named(option: str, text: str, tmp_path: Path, here: Here) -> None:
    write(tmp_path, {"main.tf": DOCUMENT, "deep.json": text})
    ran = here("plan", ".", option, "deep.json")
    assert ran.code == 2
    assert "deep.json" in ran.err


@pytest.mark.parametrize("text", [f'jsondecode("{"[" * 10_000}{"]" * 10_000}")', f'"{"[" * DEEP}"'])
def test_nesting_without_end_in_code(text: str, tmp_path: Path, here: Here) -> None:
    write(tmp_path, {"main.tf": CONTENT.replace("CONTENT", text)})
    assert here("plan").code == 1


def audits(codes: Mapping[str, str], tmp_path: Path) -> dict[str, list[dict[str, Any]]]:
    """Return the verdicts on each code, which one process under the limit reaches on all of them."""
    names = {case: f"code{number}" for number, case in enumerate(codes)}
    for case, text in codes.items():
        write(tmp_path / names[case], {"main.tf": text})
    commands = [("plan", "--format", "json", names[case]) for case in codes]
    found = {}
    for case, ran in zip(codes, ssm_harden_in_turn(*commands, cwd=tmp_path), strict=True):
        assert ran.code in {0, 1}, (case, ran)
        found[case] = json.loads(ran.out)["verdicts"]
    return found


def test_nesting_without_end_in_yaml(tmp_path: Path) -> None:
    codes = {}
    for kind, collection in COLLECTIONS.items():
        text = CONTENT.replace("CONTENT", f'<<-EOT\nschemaVersion: "1.0"\ninputs: {collection}\nEOT\n')
        if kind == "block":
            text = text.replace("inputs: ", "inputs:\n")
        codes[kind] = text.replace('"Session"', '"Session"\n  document_format = "YAML"')
    for kind, verdicts in audits(codes, tmp_path).items():
        (verdict,) = [each for each in verdicts if each["rule"] == "PREF-03" and "prefs" in each["subject"]]
        assert verdict["verdict"] == "undecided", kind
        assert "nested too deeply" in verdict["why"]["detail"], kind


def test_conditionals_that_cannot_be_decided(tmp_path: Path) -> None:
    content = CONTENT.replace("CONTENT", "jsonencode({ inputs = { s3BucketName = local.a59 } })")
    codes = {}
    for expression in CONDITIONALS:
        levels = [f"  a{n} = {expression.replace('LAST', f'local.a{n - 1}' if n else '1')}\n" for n in range(60)]
        codes[expression] = f'variable "x" {{\n  type = bool\n}}\nlocals {{\n{"".join(levels)}}}\n{content}'
    for expression, verdicts in audits(codes, tmp_path).items():
        found = {each["rule"]: each["verdict"] for each in verdicts}
        assert found["PREF-03"] != "passed", expression


def test_a_value_that_terraform_refuses_in_code_that_is_worth_keeping(
    tmp_path: Path, here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    refused = CONTENT.replace("CONTENT", 'jsonencode(tonumber("x"))')
    write(tmp_path / "code", {"main.tf": f"# {'x' * 20_000}\n{refused}"})
    first = here("plan", "code", "--format", "json")
    assert first.code == 1
    assert here("plan", "code", "--format", "json") == first


@pytest.mark.parametrize("option", ["--standard", "--waivers"])
@pytest.mark.parametrize("text", ["a" + ".a" * 50_000 + " = 1", "[" + "a." * 2_999 + "a]\n" + "b = 1\n" * 5_000])
def test_keys_without_end(option: str, text: str, tmp_path: Path, here: Here) -> None:
    write(tmp_path, {"main.tf": DOCUMENT, "dots.toml": text})
    ran = here("plan", ".", option, "dots.toml")
    assert ran.code == 2
    assert "too many dots in one line" in ran.err


@pytest.mark.parametrize("option", ["--standard", "--evidence", "--plan-json", "--snapshot", "--waivers", "--baseline"])
def test_a_name_that_the_system_refuses(option: str, tmp_path: Path, here: Here) -> None:
    write(tmp_path, {"main.tf": DOCUMENT})
    ran = here("plan", ".", option, "x" * 300)
    assert ran.code == 2
    assert "File name too long" in ran.err


def test_a_few_levels_are_still_told_apart(tmp_path: Path, here: Here) -> None:
    chosen = 'var.x ? (var.y ? "a-records" : "b-records") : (var.z ? "c-records" : "d-records")'
    inputs = f'schemaVersion = "1.0", sessionType = "Standard_Stream", inputs = {{ s3BucketName = {chosen} }}'
    variables = "".join(f'variable "{name}" {{\n  type = bool\n}}\n' for name in "xyz")
    write(tmp_path, {"main.tf": variables + CONTENT.replace("CONTENT", f"jsonencode({{ {inputs} }})")})
    audit = json.loads(here("plan", "--format", "json").out)
    (verdict,) = [each for each in audit["verdicts"] if each["rule"] == "PREF-03"]
    assert verdict["verdict"] == "passed"


def test_very_many_waivers_in_a_row(tmp_path: Path) -> None:
    line = "# ssm-harden:skip=PREF-01 because\n"
    write(tmp_path, {"main.tf": line * 20_000 + DOCUMENT})
    assert ssm_harden("check", cwd=tmp_path, limited=False).code == 1


def test_a_reason_without_end_is_cut(tmp_path: Path, here: Here) -> None:
    write(tmp_path, {"main.tf": f"# ssm-harden:skip=PREF-03 {'x' * 100_000}\n{DOCUMENT}"})
    verdicts = json.loads(here("plan", "--format", "json").out)["verdicts"]
    assert [len(each["waiver"]["reason"]) for each in verdicts if each["waiver"]] == [limits.REASON]


@pytest.mark.parametrize("given", ["--var", "environment"])
def test_a_value_that_is_nested_without_end(
    given: str, tmp_path: Path, here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, {"main.tf": 'variable "x" {\n  type = any\n}\n' + CONTENT.replace("CONTENT", "jsonencode(var.x)")})
    text = "[" * 50_000
    if given == "environment":
        monkeypatch.setenv("TF_VAR_x", text)
    ran = here("plan", *(("--var", f"x={text}") if given == "--var" else ()))
    assert ran.code == 2
    assert "does not match the type of the variable" in ran.err
