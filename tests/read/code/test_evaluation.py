"""What expressions are, as far as the text can tell."""

from pathlib import Path
from typing import Any

import pytest

from ssm_hardening.core.values import Absent, Known, Unknown, Why
from ssm_hardening.read.code import tree as code_tree
from ssm_hardening.read.code.expansion import expand
from ssm_hardening.read.code.inputs import Inputs
from ssm_hardening.text.writing import composed
from tests.read.code.evaluating import local, outputs, plain, tree

UNSET = 'variable "unset" {\n  type = string\n}\nvariable "flag" {\n  type = bool\n}\n'

KNOWN = [
    ("1 + 2 * 3", 7),
    ("(1 + 2) * 3", 9),
    ("-7 % 3", -1),
    ("7 / 2", 3.5),
    ("!true || 1 < 2", True),
    ('"a" == "a" ? "yes" : "no"', "yes"),
    ("true ? 1 : var.unset", "1"),
    ("true ? 1 : var.flag", 1),
    ('"n=${1 + 1} b=${true}"', "n=2 b=true"),
    ("[for x in [1, 2, 3] : x * 2 if x > 1]", [4, 6]),
    ("{ for k, v in { b = 1, a = 2 } : upper(k) => v }", {"A": 2, "B": 1}),
    ('{ for s in ["a", "bb", "ab"] : substr(s, 0, 1) => s... }', {"a": ["a", "ab"], "b": ["bb"]}),
    ("[{ a = 1 }, { a = 2 }][*].a", [1, 2]),
    ("[{ a = [5, 6] }].*.a[0]", [5, 6]),
    ("{ a = { b = [10, 20] } }.a.b[1]", 20),
    ('{ "x-y" = 1 }["x-y"]', 1),
    ('"%{ if true }on%{ else }off%{ endif }"', "on"),
    ('"%{ for x in ["a", "b"] }${x};%{ endfor }"', "a;b;"),
    ("merge({ a = 1 }, { b = 2 }, { a = 3 })", {"a": 3, "b": 2}),
    ('try({}.missing, "fallback")', "fallback"),
    ("can({ a = 1 }.a)", True),
    ('coalesce("", null, "x")', "x"),
    ("one([])", None),
    ('lookup({ a = 1 }, "b", 9)', 9),
    ("flatten([[1], [2, [3]]])", [1, 2, 3]),
    ('contains(["a"], "a")', True),
    ("jsondecode(jsonencode({ a = [1, true, null] })).a", [1, True, None]),
    ('format("%s-%03d", "x", 7)', "x-007"),
    ("max([1, 5, 3]...)", 5),
    ("null == null", True),
    ("try(jsondecode([{ a = 1 }]), [{ a = 2 }])", [{"a": 2}]),
    ('try(try(yamldecode({}), [][0]), "last")', "last"),
    ('can(jsondecode(["x"]))', False),
    ('try("a" ? 1 : 2, "fell back")', "fell back"),
    ('try("known", var.unset)', "known"),
]


APART, ONE = "e\u0301", "\u00e9"
"""The same letter, with its accent as a character of its own, and as one with it."""

COMPOSED = [
    (f'"{APART}" == "{ONE}"', True),
    (f'"e${{"\\u0301"}}" == "{ONE}"', True),
    (f'{{ "{APART}" = 1 }}["{ONE}"]', 1),
    (f'merge({{ "{APART}" = 1 }}, {{ "{ONE}" = 2 }})', {ONE: 2}),
    (f'toset(["{APART}", "{ONE}"])', [ONE]),
    (f'replace("{APART}", "e", "x")', ONE),
    ('join("", ["e", "\\u0301"])', ONE),
    ('jsondecode("{\\"e\\\\u0301\\": 1}")', {ONE: 1}),
    ("<<-X\n" + APART + "\nX\n", f"{ONE}\n"),
    ('file("text.txt")', ONE),
    ("var.given", ONE),
]
"""Compared with `terraform console`: each is what it prints."""


@pytest.mark.parametrize(("expression", "expected"), COMPOSED)
def test_texts_are_composed(tmp_path: Path, expression: str, expected: object) -> None:
    more = {"text.txt": APART, "terraform.tfvars": f'given = "{APART}"'}
    value = local(tmp_path, f'variable "given" {{}}\nlocals {{\n  x = {expression}\n}}', more=more)
    assert plain(value) == expected


@pytest.mark.parametrize(("expression", "expected"), KNOWN, ids=[text for text, _ in KNOWN])
def test_known(tmp_path: Path, expression: str, expected: object) -> None:
    value = local(tmp_path, f"{UNSET}locals {{\n  x = {expression}\n}}")
    assert plain(value) == expected
    assert type(plain(value)) is type(expected)


PARTLY = [
    ("var.unset", "?"),
    ('"a-${var.unset}"', "a-?"),
    ("{ known = 1, open = var.unset }", {"known": 1, "open": "?"}),
    ('var.flag ? "same" : "same"', "same"),
    ('var.flag ? "a" : "b"', {"one of": ["a", "b"]}),
    ('upper(var.flag ? "a" : "b")', {"one of": ["A", "B"]}),
    ('"${var.flag ? "a" : "b"}/x"', {"one of": ["a/x", "b/x"]}),
    ('var.flag ? { k = 1, s = "x" } : { k = 2, s = "x" }', {"k": {"one of": [1, 2]}, "s": "x"}),
    ("var.flag && false", False),
    ("var.flag || true", True),
    ("var.flag && true", "?"),
    ('length(["a", var.unset])', 2),
    ("merge({ a = 1 }, { b = var.unset }).a", 1),
    ('[for x in ["a", var.unset] : x]', ["a", "?"]),
    ('[for x in ["a", "b"] : x if var.flag]', ["?"]),
    ('var.unset == "" ? "empty" : "empty"', "empty"),
    ("timestamp()", "?"),
    ('provider::aws::arn_parse("x")', "?"),
    ('try(var.unset, "x")', "?"),
]


@pytest.mark.parametrize(("expression", "expected"), PARTLY, ids=[text for text, _ in PARTLY])
def test_partly_known(tmp_path: Path, expression: str, expected: object) -> None:
    assert plain(local(tmp_path, f"{UNSET}locals {{\n  x = {expression}\n}}")) == expected


BUCKETS = """
variable "create" {
  type = bool
}
resource "aws_s3_bucket" "one" {
  bucket = "one"
}
resource "aws_s3_bucket" "maybe" {
  count  = var.create ? 1 : 0
  bucket = "maybe"
}
resource "aws_s3_bucket" "never" {
  count = 0
}
resource "aws_s3_bucket" "each" {
  for_each = toset(["a", "b"])
  bucket   = "x-${each.key}"
}
resource "aws_s3_bucket" "open" {
  for_each = toset(var.names)
}
variable "names" {
  type = list(string)
}
data "aws_kms_key" "k" {
  key_id = "alias/x"
}
"""

REFERENCES = [
    ("aws_s3_bucket.one.id", "<aws_s3_bucket.one.id>"),
    ('"${aws_s3_bucket.one.arn}/*"', "<aws_s3_bucket.one.arn>/*"),
    ('aws_s3_bucket.one.id != ""', True),
    ("aws_s3_bucket.one.id == null", False),
    ('aws_s3_bucket.one.arn == "aws/s3"', False),
    ('aws_s3_bucket.each["a"].arn != "aws/s3"', True),
    ('aws_s3_bucket.one.arn == "arn:aws:s3:::one"', "?"),
    ('aws_s3_bucket.one.id == "one"', "?"),
    ("aws_s3_bucket.one.tags_all", "?"),
    ('aws_s3_bucket.each["a"].arn', '<aws_s3_bucket.each["a"].arn>'),
    ("[for k, b in aws_s3_bucket.each : b.id]", ['<aws_s3_bucket.each["a"].id>', '<aws_s3_bucket.each["b"].id>']),
    ("aws_s3_bucket.maybe[0].id", "<aws_s3_bucket.maybe[0].id>"),
    ('try(aws_s3_bucket.maybe[0].id, "none")', {"one of": ["<aws_s3_bucket.maybe[0].id>", "none"]}),
    ("one(aws_s3_bucket.maybe[*].id)", {"one of": ["<aws_s3_bucket.maybe[0].id>", None]}),
    ('join("", aws_s3_bucket.maybe.*.id)', {"one of": ["<aws_s3_bucket.maybe[0].id>", ""]}),
    ('var.create ? aws_s3_bucket.maybe[0].id : ""', {"one of": ["<aws_s3_bucket.maybe[0].id>", ""]}),
    ('try(aws_s3_bucket.never[0].id, "none")', "none"),
    ("one(aws_s3_bucket.never[*].id)", None),
    ('aws_s3_bucket.open["q"].id', "<aws_s3_bucket.open[*].id>"),
    ("data.aws_kms_key.k.arn", "<data.aws_kms_key.k.arn>"),
    ("data.aws_kms_key.k.description", "?"),
]


@pytest.mark.parametrize(("expression", "expected"), REFERENCES, ids=[text for text, _ in REFERENCES])
def test_references(tmp_path: Path, expression: str, expected: object) -> None:
    assert plain(local(tmp_path, f"{BUCKETS}locals {{\n  x = {expression}\n}}")) == expected


def test_every_value_says_where_it_was_written(tmp_path: Path) -> None:
    value = local(
        tmp_path,
        'module "child" {\n  source = "./child"\n  name   = "from the root"\n}',
        expression="module.child.name",
        more={"child/main.tf": 'variable "name" {}\noutput "name" {\n  value = var.name\n}\n'},
    )
    assert isinstance(value, Known)
    assert value.value == "from the root"
    assert str(value.at).endswith("main.tf:3")


def test_a_name_declared_in_a_file_that_cannot_be_read_is_unknown_for_that_reason(tmp_path: Path) -> None:
    value = local(tmp_path, "", expression="local.elsewhere", more={"broken.tf": "locals {\n  elsewhere = \n"})
    assert isinstance(value, Unknown)
    assert value.why is Why.UNPARSEABLE
    assert "broken.tf" in str(value.at)


def test_locals_in_a_circle_are_undecided(tmp_path: Path) -> None:
    value = local(tmp_path, "locals {\n  x = local.y\n  y = local.x\n}")
    assert isinstance(value, Unknown)
    assert "refers to itself" in value.detail


def test_deep_chains_of_locals_end(tmp_path: Path) -> None:
    chain = "\n".join(f"  l{n} = local.l{n + 1}" for n in range(5_000))
    value = local(tmp_path, f"locals {{\n  x = local.l0\n{chain}\n  l5000 = 1\n}}")
    assert isinstance(value, Unknown)
    assert value.why is Why.UNSUPPORTED


def test_long_loops_within_loops_are_bounded(tmp_path: Path) -> None:
    nested = "\n".join(f"  l{n} = [for a in local.l{n + 1} : [for b in local.l{n + 1} : [a, b]]]" for n in range(12))
    value = local(
        tmp_path, f"locals {{\n  x = local.l0\n{nested}\n  l12 = range(900)\n}}", expression="length(local.x)"
    )
    assert plain(value) == 900 or isinstance(value, Unknown)


@pytest.mark.parametrize("use", ["local.l0", '"${jsonencode(local.l0)}"', "local.l0 == local.l0", "flatten(local.l0)"])
def test_values_that_share_members_do_not_grow_without_bound(tmp_path: Path, use: str) -> None:
    doubled = "\n".join(f"  l{n} = [local.l{n + 1}, local.l{n + 1}]" for n in range(60))
    value = local(tmp_path, f"locals {{\n  x = {use}\n{doubled}\n  l60 = 1\n}}")
    assert not isinstance(value, Absent)
    assert len(repr(value)) < 100_000_000


@pytest.mark.parametrize("part", ["a", "${var.unset}"])
def test_texts_that_double_are_bounded(tmp_path: Path, part: str) -> None:
    doubled = "\n".join(f'  l{n} = "${{local.l{n + 1}}}${{local.l{n + 1}}}"' for n in range(60))
    value = local(tmp_path, f'{UNSET}locals {{\n{doubled}\n  l60 = "x{part}"\n}}', expression="local.l0")
    assert "too large" in repr(value)
    assert len(repr(value)) < 100_000_000


VARIABLES = """
variable "v" {
  type    = string
  default = "default"
}
output "it" {
  value = var.v
}
"""


def _with_values(tmp_path: Path, *names: str) -> Inputs:
    (tmp_path / "main.tf").write_text(VARIABLES)
    for name in names:
        text = '{"v": "%s"}' if name.endswith(".json") else 'v = "%s"\n'
        (tmp_path / name).write_text(text % name)
    return Inputs()


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ((), "default"),
        (("terraform.tfvars",), "terraform.tfvars"),
        (("terraform.tfvars", "terraform.tfvars.json"), "terraform.tfvars.json"),
        (("terraform.tfvars.json", "a.auto.tfvars"), "a.auto.tfvars"),
        (("a.auto.tfvars", "b.auto.tfvars.json"), "b.auto.tfvars.json"),
    ],
)
def test_files_of_values_in_terraforms_order(tmp_path: Path, files: tuple[str, ...], expected: str) -> None:
    assert plain(outputs(tmp_path, _with_values(tmp_path, *files))["it"]) == expected


def test_the_command_line_beats_files_and_files_beat_the_environment(tmp_path: Path) -> None:
    _with_values(tmp_path, "terraform.tfvars")
    named = tmp_path / "named.tfvars"
    named.write_text('v = "named"\n')
    environment = {"v": "environment"}
    assert plain(outputs(tmp_path, Inputs(environment=environment))["it"]) == "terraform.tfvars"
    assert plain(outputs(tmp_path, Inputs(environment=environment, files=(named,)))["it"]) == "named"
    both = Inputs(environment=environment, files=(named,), variables={"v": "flag"})
    assert plain(outputs(tmp_path, both)["it"]) == "flag"


def test_a_file_of_values_that_cannot_be_read_leaves_defaults_undecided(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(VARIABLES)
    (tmp_path / "terraform.tfvars").write_text("v = = \n")
    value = outputs(tmp_path)["it"]
    assert isinstance(value, Unknown)
    assert value.why is Why.UNPARSEABLE


def test_types_of_variables_convert_and_fill_in(tmp_path: Path) -> None:
    text = """
variable "v" {
  type = object({
    flag  = bool
    n     = optional(number, 5)
    names = optional(set(string))
    inner = optional(object({ a = optional(string, "deep") }), {})
  })
  default = { flag = "true", names = ["b", "a", "b"] }
}
"""
    value = local(tmp_path, text, expression="var.v")
    assert plain(value) == {"flag": True, "n": 5, "names": ["a", "b"], "inner": {"a": "deep"}}


CERTAIN = [
    ('try({ a = "A" }[var.unset], "none")', {"one of": ["A", "none"]}),
    ('try("x-${var.unset}", "none")', {"one of": ["x-?", "none"]}),
    ('coalesce("${var.unset}${var.unset}", "x")', "?"),
    ('compact(["${var.unset}${var.unset}", "x"])', ["x", "?"]),
    ("{ a = 1, (var.unset) = 2 }.a", {"one of": [1, 2]}),
    ('[for i, x in concat([var.unset], ["z"]) : i]', [0, 1]),
    ('"%{ for x in var.flag ? ["a"] : ["b"] }${x}%{ endfor }"', {"one of": ["a", "b"]}),
    ('{ for k, v in toset(["q"]) : k => v }', {"q": "q"}),
    ("1e300 * 1e300", "?"),
    ("0.1 * 3", 0.3),
    ('tolist(["a"]) == ["a"]', "?"),
    ("ephemeral.aws_secretsmanager_secret_version.x.secret_string", "?"),
    ('try(ephemeral.aws_secretsmanager_secret_version.x.secret_string, "none")', "?"),
    ("length(aws_s3_bucket.one.cors_rule[*])", "?"),
    ('aws_s3_bucket.open["a"].id == aws_s3_bucket.open["b"].id', "?"),
]


@pytest.mark.parametrize(("expression", "expected"), CERTAIN, ids=[text for text, _ in CERTAIN])
def test_nothing_is_claimed_that_may_turn_out_otherwise(tmp_path: Path, expression: str, expected: object) -> None:
    assert plain(local(tmp_path, f"{UNSET}{BUCKETS}locals {{\n  x = {expression}\n}}")) == expected


def test_numbers_that_grow_without_bound_end(tmp_path: Path) -> None:
    grown = "\n".join(f"  l{n} = local.l{n + 1} * local.l{n + 1}" for n in range(60))
    assert plain(local(tmp_path, f"locals {{\n{grown}\n  l60 = 12345\n}}", expression="local.l0")) == "?"


def test_a_variable_that_is_not_nullable_takes_its_default_where_a_choice_may_be_null(tmp_path: Path) -> None:
    child = 'variable "v" {\n  default = "d"\n  nullable = false\n}\noutput "v" {\n  value = var.v\n}\n'
    value = local(
        tmp_path,
        f'{UNSET}module "c" {{\n  source = "./c"\n  v = var.flag ? "a" : null\n}}',
        expression="module.c.v",
        more={"c/main.tf": child},
    )
    assert plain(value) == {"one of": ["a", "d"]}


def test_what_an_instance_binds_hangs_on_the_choice_of_keys(tmp_path: Path) -> None:
    value = local(
        tmp_path,
        UNSET
        + 'resource "terraform_data" "x" {\n  for_each = var.flag ? { a = "1" } : { a = "2", b = "3" }\n'
        + "  input = each.value\n}",
        expression='terraform_data.x["a"].input',
    )
    assert plain(value) == {"one of": ["1", "2"]}


REGIONS = """
provider "aws" {
  region = "eu-west-1"
}
provider "aws" {
  alias    = "by"
  for_each = toset(["us-east-1", "us-west-2"])
  region   = each.key
}
data "aws_region" "here" {}
data "aws_region" "named" {
  name = "eu-north-1"
}
module "own" {
  source = "./own"
}
module "east" {
  source    = "./region"
  providers = { aws = aws.by["us-east-1"] }
}
"""


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("data.aws_region.here.name", "eu-west-1"),
        ("data.aws_region.named.name", "eu-north-1"),
        ("module.own.region", "ap-south-1"),
        ("module.east.region", "us-east-1"),
    ],
)
def test_the_region_is_that_of_the_provider_in_use(tmp_path: Path, expression: str, expected: str) -> None:
    region = 'data "aws_region" "x" {}\noutput "region" {\n  value = data.aws_region.x.name\n}\n'
    own = f'provider "aws" {{\n  region = "ap-south-1"\n}}\n{region}'
    value = local(tmp_path, REGIONS, expression=expression, more={"own/main.tf": own, "region/main.tf": region})
    assert plain(value) == expected


def test_keys_are_escaped_in_addresses_and_plain_in_values(tmp_path: Path) -> None:
    text = 'resource "terraform_data" "x" {\n  for_each = toset(["a\\"b\\\\c\\n"])\n}\n'
    keys = local(tmp_path, text, expression="[for k, v in terraform_data.x : [k, v.id]]")
    assert plain(keys) == [['a"b\\c\n', '<terraform_data.x["a\\"b\\\\c\\n"].id>']]


@pytest.mark.parametrize("key", ["var.unset", '"${var.unset}_x"', "aws_kms_key.k.id"])
@pytest.mark.parametrize("form", ["{{ a_x = 1 }}[{key}]", "lookup({{ a_x = 1 }}, {key})"])
def test_try_falls_back_where_a_key_may_be_missing(form: str, key: str, tmp_path: Path) -> None:
    expression = form.format(key=key)
    value = local(tmp_path, f'{UNSET}resource "aws_kms_key" "k" {{}}\nlocals {{\n  x = try({expression}, 2)\n}}')
    assert plain(value) in ("?", {"one of": [1, 2]})


STORE = "aws_s3_bucket.b"
TOGETHER = {
    "count = var.flag ? 1 : 0": (f"{STORE}[0].id", f"<{STORE}[0].id>"),
    "count = var.flag ? 0 : 1": (f"{STORE}[count.index].id", f"<{STORE}[0].id>"),
    "count = var.unset": (f"{STORE}[count.index].id", f"<{STORE}[*].id>"),
    'for_each = var.flag ? toset(["a"]) : toset([])': (f"{STORE}[each.key].id", f'<{STORE}["a"].id>'),
    "for_each = var.unset": (f"{STORE}[each.key].id", f"<{STORE}[*].id>"),
    f"for_each = {STORE}": ("each.value.id", f'<{STORE}["a"].id>'),
}


@pytest.mark.parametrize("meta", TOGETHER)
def test_a_member_is_there_where_its_reader_is(meta: str, tmp_path: Path) -> None:
    expression, expected = TOGETHER[meta]
    own = 'for_each = { a = "x" }' if STORE in meta else meta
    text = f'{UNSET}resource "aws_s3_bucket" "b" {{\n  {own}\n}}\n'
    (tmp_path / "main.tf").write_text(f'{text}resource "terraform_data" "d" {{\n  {meta}\n  input = {expression}\n}}\n')
    (reader,) = tree(tmp_path).resources("terraform_data")
    assert plain(reader.config.get("input")) == expected


def test_marks_in_a_row_are_composed_in_pieces() -> None:
    found = composed("e" + "\u0301\u0327" * 5_000)
    assert found[0] == "\u0229"  # the cedilla goes before the acute
    assert max(len(run) for run in found.split("\u034f")) <= 31
    assert composed("e\u0301") == "\u00e9"
    assert composed("\u00fc" * 50) == "\u00fc" * 50


def test_modules_that_call_very_many_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(code_tree, "MOST_MODULES", 8)
    monkeypatch.setattr(code_tree, "MOST_ASKED", 20)
    expanded: list[object] = []

    def counted(*args: Any) -> Any:
        expanded.append(args[0])
        return expand(*args)

    monkeypatch.setattr(code_tree, "expand", counted)
    for name, called in (("a", "b"), ("b", "c"), ("c", "")):
        (tmp_path / name).mkdir()
        body = f'module "m" {{\n  count  = 6\n  source = "../{called}"\n}}\n' if called else ""
        (tmp_path / name / "main.tf").write_text(body + 'resource "aws_instance" "i" {}\n')
    read = tree(tmp_path / "a")
    found = read.resources("aws_instance")
    assert len(found.items) == 7
    assert found.gap is not None
    assert "more than 8 module instances" in found.gap.detail
    assert len(expanded) < 6
