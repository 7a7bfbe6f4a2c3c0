"""Compares results of our functions with those of `terraform console`."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ssm_hardening.core.origins import CodeOrigin
from ssm_hardening.core.values import Absent, Encoded, Items, Known, Record, Reference, Template, Unknown, Value, Why
from ssm_hardening.read.code.functions.arguments import FunctionCall
from ssm_hardening.read.code.functions.table import call_function
from ssm_hardening.read.code.values import Invalid
from ssm_hardening.text.writing import as_text

AT = CodeOrigin("main.tf", 1)
ERROR = "error"

CALLS: list[tuple[Any, ...]] = [
    ("abs", -3), ("abs", 1.5), ("ceil", 5.1), ("ceil", -0.5), ("floor", 4.9), ("floor", -4.1), ("log", 16, 2),
    ("max", 12, 54, 3), ("max", "3", 20), ("min", 12, 54, 3), ("max",), ("parseint", "100", 10),
    ("parseint", "FF", 16), ("parseint", "-10", 2), ("parseint", "9", 8), ("parseint", "12x", 10), ("pow", 3, 2),
    ("pow", 4, 0), ("signum", -13), ("signum", 0), ("sum", [10, 13, 6, 4.5]), ("sum", [0.1, 0.2]), ("sum", []),
    ("sum", ["1", 2]), ("chomp", "hello\n\r\n"), ("chomp", "a\nb"), ("endswith", "hello", "llo"),
    ("endswith", "hello", "hel"), ("startswith", "hello", "hel"), ("startswith", "hello", ""),
    ("strcontains", "hello", "ell"), ("strcontains", "hello", "xyz"), ("format", "Hello, %s!", "Ander"),
    ("format", "There are %d lights", 4), ("format", "%05.2f|%-6s|%6s|%x|%X|%o|%b", 3.14159, "a",
    "b", 255, 255, 8, 5),
    ("format", "%q and %v and %t", 'a"b', ["x", 1, {"k": None}], True), ("format", "%v %v %v", "a", 1.5, False),
    ("format", "%%"), ("format", "%s"), ("format", "x", 1), ("format", "%d", 1.5), ("format", "%d", "12"),
    ("format", "%[2]s-%[1]s", "a", "b"), ("format", "%s", 12), ("format", "%+d % d", 5, 5), ("format", "%e", 1234.5),
    ("format", "%.3s", "abcdef"), ("format", "%s", [1]), ("format", "%g", 12),
    ("formatlist", "Hello, %s!", ["A", "B"]), ("formatlist", "%s-%s", "a", ["x", "y"]), ("formatlist", "%s", []),
    ("formatlist", "%s-%s", ["a"], ["x", "y"]), ("formatlist", "x-%d", [1, 2]), ("formatlist", "%s-%s", "a", "b"),
    ("indent", 2, "a\nb\nc"), ("join", ", ", ["foo", "bar"]), ("join", ",", [1, True, "x"], ["y"]), ("join", ",", []),
    ("join", ",", ["a", None]), ("lower", "HÉLLO"), ("upper", "straße é"), ("title", "hello wORLD foo_bar a-b 1st"),
    ("regex", "[a-z]+", "53453453.345345aaabbbccc23454"), ("regex", "(\\d\\d\\d\\d)-(\\d\\d)", "2019-02"),
    ("regex", "^(?P<scheme>[^:/?#]+)://(?P<rest>.*)$", "https://x.y/z"), ("regex", "^a$", "a\n"), ("regex", "x", "y"),
    ("regex", "(a)|(b)", "b"), ("regex", "(?i)ABC", "xabcx"), ("regex", "arn:aws:iam::(\\d{12}):role/(.+)",
    "arn:aws:iam::123456789012:role/x"),
    ("regexall", "[a-z]+", "1234abcd5678efgh9"), ("regexall", "[a-z]+", "123"), ("regexall", "(a)(b)", "abab"),
    ("replace", "1 + 2 + 3", "+", "-"), ("replace", "hello world", "/w.*d/", "everybody"), ("replace", "ab", "", "x"),
    ("replace", "hello", "/(l+)/", "[$1]"), ("replace", "hello", "/(?P<n>l+)/", "<${n}>"), ("replace", "a.b",
    ".", "-"),
    ("replace", "hello", "/(l)/", "$1x"), ("replace", "a/b/c", "/", "_"), ("split", ",", "foo,bar,baz"),
    ("split", ",", ""), ("split", ",", "foo"), ("split", "", "abc"), ("strrev", "hello"),
    ("substr", "hello world", 1, 4), ("substr", "hello", -3, 2), ("substr", "hello", 1, -1), ("substr",
    "hello", 9, 2),
    ("substr", "hello", -9, 2), ("substr", "hello", 0, 0), ("trim", "?!hello?!", "!?"), ("trim", "hello", ""),
    ("trimprefix", "helloworld", "hello"), ("trimprefix", "hello", "x"), ("trimprefix", "he", "hello"),
    ("trimsuffix", "helloworld", "world"), ("trimsuffix", "lo", "hello"), ("trimspace", " \thello\n\n"),
    ("alltrue", ["true", True]), ("alltrue", [True, False]), ("alltrue", []), ("anytrue", []), ("anytrue", ["true"]),
    ("alltrue", [True, None]), ("chunklist", ["a", "b", "c", "d", "e"], 2), ("chunklist", ["a"], 0),
    ("coalesce", "a", "b"), ("coalesce", "", "b"), ("coalesce", None, "", "c"), ("coalesce", 1, "a"),
    ("coalesce", ""),
    ("coalesce", None, 0), ("coalescelist", [], ["c"]), ("coalescelist", [], []), ("compact", ["a", "", None, "b"]),
    ("concat", ["a", ""], [1, "c"]), ("concat", []), ("contains", ["a", "b"], "a"), ("contains", ["a"], "d"),
    ("contains", [1, 2], "1"), ("distinct", ["a", "b", "a"]), ("distinct", [1, "1"]),
    ("distinct", [{"a": 1}, {"a": 1}]),
    ("element", ["a", "b", "c"], 1), ("element", ["a", "b", "c"], 4), ("element", [], 0),
    ("flatten", [["a", ["b"]], [], ["c"], "d"]), ("flatten", []), ("flatten", [None]), ("index", ["a", "b"], "b"),
    ("index", ["a"], "z"), ("keys", {"b": 1, "a": 2}), ("keys", {}), ("length", []), ("length", ["a", "b"]),
    ("length", {"a": 1}), ("length", "hello"), ("lookup", {"a": "ay"}, "a", "x"), ("lookup", {"a": 1}, "c", "x"),
    ("lookup", {"a": 1}, "c"), ("matchkeys", ["i-1", "i-2", "i-3"], ["a", "b", "a"], ["a"]),
    ("merge", {"a": "b"}, {"a": "z", "c": 1}), ("merge",), ("merge", {"a": 1}, None, {"a": None}), ("one", []),
    ("one", ["a"]), ("one", ["a", "b"]), ("range", 3), ("range", 1, 4), ("range", 1, 8, 2), ("range", 4, 1),
    ("range", 0),
    ("range", 5, 1, 1), ("range", 1, 5, 0), ("reverse", [1, "b"]), ("setintersection", ["a", "b"], ["b", "c"], ["b"]),
    ("setproduct", ["dev", "prod"], ["a", "b"]), ("setproduct", ["a"], []), ("setsubtract", ["a", "b",
    "c"], ["a", "c"]),
    ("setunion", ["a", "b"], ["b", "c"], ["d"]), ("setunion", [2], [10, 1]), ("slice", ["a", "b", "c", "d"], 1, 3),
    ("slice", ["a"], 0, 2), ("sort", ["e", "d", "A", "10", "9"]), ("sort", [10, 9]),
    ("transpose", {"a": ["1", "2"], "b": ["2", "3"]}), ("values", {"b": 1, "a": 2}), ("zipmap", ["a", "b"], [1, "x"]),
    ("zipmap", ["a"], []), ("toset", ["c", "b", "b"]), ("toset", [10, 9, 1]),
    ("toset", [{"a": 2}, {"a": 1}, {"a": 10}]),
    ("toset", [[2], [1, 3], [10]]), ("tolist", ["a", 1]), ("tolist", [True, 1]), ("tolist", ["a", None]),
    ("tomap", {"a": 1, "b": "x"}), ("tostring", 1), ("tostring", True), ("tostring", 1.5), ("tostring", None),
    ("tostring", []), ("tonumber", "1"), ("tonumber", "abc"), ("tonumber", "1.50"), ("tonumber", ""),
    ("tonumber", " 1"),
    ("tonumber", "1e3"), ("tonumber", True), ("tobool", "true"), ("tobool", "yes"), ("tobool", 1), ("tobool", "TRUE"),
    ("base64encode", "Hello World é"), ("base64decode", "SGVsbG8gV29ybGQ="), ("base64decode", "###"),
    ("urlencode", "Hello World!~*()/é"), ("csvdecode", "a,b\n1,2\n3,4\n"), ("csvdecode", "a,b\n1\n"),
    ("textencodebase64", "Hi", "UTF-16LE"), ("textdecodebase64", "SABpAA==", "UTF-16LE"),
    ("jsonencode", {"hello": "wörld", "a": [1, 1.5, True, None, '<&>\u2028\b\f\x01\x7f"\\/']}), ("jsonencode", "x"),
    ("jsondecode", '{"hello": "w\\u00f6rld", "n": [1.0, -2e3, null, {}]}'), ("jsondecode", "{"), ("jsondecode", "01"),
    ("jsondecode", '{"a":1,"a":2}'), ("jsondecode", "[1,]"), ("jsondecode", "true"),
    ("jsondecode", '"\\ud800x\\ud83d\\ude00"'), ("jsondecode", '"\\x"'),
    ("yamlencode", {"a": "b", "l": [[1, 2], [{"x": 1, "y": []}]], "e": {}, "n": None, "t": True, "f": 1.5}),
    ("yamlencode", "x"), ("yamlencode", []), ("yamlencode", [{"a": "b", "c": {"d": 1}}]),
    ("yamldecode", "a: 1\nb: [x, 'y', \"z\"]\nc:\n  - d: true\n    e: ~\nf: 1.5\ng: |\n  x\n  y\n"),
    ("yamldecode", "a: ["), ("yamldecode", ""), ("yamldecode", " # none\n"), ("yamldecode", "---"), ("yamldecode", {}),
    ("jsondecode", [1]), ("jsondecode", {"a": 1}), ("jsondecode", 5), ("jsondecode", True), ("jsondecode", None),
    ("length", 5), ("length", True), ("format", "%q", "a<b"), ("lookup", {"1": "x"}, 1), ("reverse", []),
    ("yamldecode", "x: &a {k: v}\nz: *a\n"), ("yamldecode", "yes"), ("yamldecode", "arn:aws:s3:::b"),
    ("yamldecode", "- on\n- Off\n- NO"),
    ("md5", "hello"), ("sha1", "hello"), ("sha256", "hello"), ("sha512", "hello"), ("base64sha256", "hello"),
    ("base64sha512", "hello"), ("uuidv5", "dns", "www.terraform.io"), ("basename", "foo/bar/baz.txt"),
    ("basename", "a/"),
    ("basename", ""), ("basename", "/"), ("basename", ".."), ("dirname", "foo/bar/baz.txt"), ("dirname", "x"),
    ("dirname", "/x"), ("dirname", "a/"),
    ("dirname", ""), ("dirname", "/"), ("cidrhost", "10.12.112.0/20", 16), ("cidrhost", "10.12.112.0/20", -1),
    ("cidrhost", "10.0.0.0/30", 9),
    ("cidrhost", "fd00:fd12:3456:7890:00a2::/72", 34), ("cidrnetmask", "172.16.0.0/12"), ("cidrnetmask", "::/64"),
    ("cidrsubnet", "172.16.0.0/12", 4, 2), ("cidrsubnet", "10.1.2.0/24", 4, 15), ("cidrsubnet", "10.1.2.0/24", 4, 16),
    ("cidrsubnet", "fd00:fd12:3456:7890::/56", 16, 162), ("cidrsubnet", "10.0.0.5/8", 8, 1), ("cidrsubnet",
    "10.0.0.0", 8, 1),
    ("cidrsubnets", "10.1.0.0/16", 4, 4, 8, 4), ("cidrsubnets", "10.1.0.0/24", 9), ("cidrsubnets",
    "10.1.0.0/16", 8, 4),
    ("timeadd", "2017-11-22T00:00:00Z", "10m"), ("timeadd", "2017-11-22T00:00:00+02:00", "-1h30m"),
    ("timeadd", "2017-11-22T00:00:00+00:00", "1h"),
    ("timecmp", "2017-11-22T00:00:00Z", "2017-11-22T01:00:00+01:00"), ("try", 1, 2), ("can", 1),
    ("nonsensitive", "x"),
    ("fileexists", "main.tf"), ("fileexists", "none.tf"), ("file", "data/a.json"), ("fileset", ".", "**/*.json"),
    ("fileset", ".", "data/{a,c}.json"), ("fileset", "data", "*"), ("fileset", ".", "**"), ("fileset", "data",
    "[a-b].json"),
    ("fileset", ".", "*/a.json"), ("fileset", "data", "?.json"), ("filesha256", "data/a.json"), ("filebase64",
    "data/a.json"),
    ("distinct", [[1], [1]]), ("compact", [1, ""]),
]  # fmt: skip


def value_of(plain: object) -> Value[Any]:
    match plain:
        case None:
            return Absent(AT)
        case dict():
            return Known(Record({key: value_of(member) for key, member in plain.items()}), AT)
        case list():
            return Known(Items(tuple(value_of(item) for item in plain)), AT)
        case _:
            return Known(plain, AT)


def plain_of(value: Value[Any]) -> object:
    match as_text(value):
        case Invalid():
            return ERROR
        case Unknown() as gap:
            raise AssertionError(f"not known: {gap.detail}")
        case Absent():
            return None
        case Known(Record(members, None)):
            return {key: plain_of(member) for key, member in members.items()}
        case Known(Items(items, None)):
            return [plain_of(item) for item in items]
        case Known(inner):
            assert not isinstance(inner, Encoded)
            return inner


def expression(name: str, args: tuple[object, ...]) -> str:
    texts = [json.dumps(arg, ensure_ascii=False) for arg in args]
    escaped = [text.replace("\\b", "\\u0008").replace("\\f", "\\u000c").replace("${", "$${") for text in texts]
    return f"{name}({', '.join(escaped)})"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("root")
    (root / "data" / "deep").mkdir(parents=True)
    (root / "data" / "a.json").write_text('{"a": 1}\n')
    (root / "data" / "b.json").write_text("{}")
    (root / "data" / "deep" / "c.json").write_text("[]")
    lines = [
        f'output "o{n}" {{\n  value = try(jsonencode({expression(name, tuple(args))}), "{ERROR}")\n}}'
        for n, (name, *args) in enumerate(CALLS)
    ]
    (root / "main.tf").write_text("\n".join(lines))
    return root


@pytest.fixture(scope="module")
def answers(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> list[object]:
    terraform = shutil.which("terraform")
    if terraform is None:
        pytest.skip("terraform is not on PATH")
    data = tmp_path_factory.mktemp("data")
    environment = {
        "TF_CLI_CONFIG_FILE": "/dev/null",
        "TF_DATA_DIR": str(data),
        "CHECKPOINT_DISABLE": "1",
        "PATH": "/usr/bin:/bin",
    }
    for arguments in (["init", "-no-color"], ["apply", "-auto-approve", "-no-color", f"-state={data}/s.tfstate"]):
        done = subprocess.run(
            [terraform, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    outputs = json.loads((data / "s.tfstate").read_text())["outputs"]
    texts = [outputs[f"o{n}"]["value"] for n in range(len(CALLS))]
    return [ERROR if text == ERROR else json.loads(text) for text in texts]


@pytest.mark.terraform
@pytest.mark.parametrize("number", range(len(CALLS)), ids=lambda n: f"{n}-{CALLS[n][0]}")
def test_as_terraform_does(number: int, answers: list[object], folder: Path) -> None:
    name, *args = CALLS[number]
    call = FunctionCall(name, AT, expression(name, tuple(args)), folder, folder)
    assert plain_of(call_function(call, [value_of(arg) for arg in args])) == answers[number]


def hidden(value: Value[Any], hole: Value[Any]) -> Iterator[Value[Any]]:
    """Yield the value with one part hidden, for each of its parts; a bucket's id stands for texts only."""
    if isinstance(hole, Unknown) or (isinstance(value, Known) and isinstance(value.value, str) and value.value != ""):
        yield hole
    match value:
        case Known(Record(members)):
            for key, member in members.items():
                yield from (Known(Record({**members, key: each}), AT) for each in hidden(member, hole))
        case Known(Items(items)):
            for n, item in enumerate(items):
                yield from (Known(Items((*items[:n], each, *items[n + 1 :])), AT) for each in hidden(item, hole))
        case _:
            return


def covers(partial: Value[Any], whole: Value[Any]) -> bool:
    """Tell whether the partial result leaves the whole one possible."""
    match as_text(partial), as_text(whole):
        case Invalid(), _:
            return False
        case Unknown(one_of=candidates), _:
            return not candidates or any(covers(each, whole) for each in candidates)
        case Known(Record(members, rest)), Known(Record(all_members, None)):
            same = members.keys() == all_members.keys() or (rest is not None and members.keys() <= all_members.keys())
            return same and all(covers(member, all_members[key]) for key, member in members.items())
        case Known(Items(items, None)), Known(Items(all_items, None)):
            return len(items) == len(all_items) and all(map(covers, items, all_items))
        case Known(Items(items)), Known(Items(all_items, None)):
            return all(any(covers(item, each) for each in all_items) for item in items)
        case Known(Template(parts)), Known(str() as text):
            pattern = "".join(re.escape(part) if isinstance(part, str) else ".*" for part in parts)
            return re.fullmatch(pattern, text, re.DOTALL) is not None
        case Known(Reference()), _:
            return True
        case one, other:
            return plain_of(one) == plain_of(other)


UNKNOWN = Unknown(Why.UNRESOLVED_INPUT, AT, "var.x")
REFERENCE = Known(Reference("aws_s3_bucket.logs", "id"), AT)


@pytest.mark.parametrize("hole", [UNKNOWN, REFERENCE], ids=["unknown", "reference"])
@pytest.mark.parametrize("number", range(len(CALLS)), ids=lambda n: f"{n}-{CALLS[n][0]}")
def test_hiding_a_part_never_gives_another_result(number: int, hole: Value[Any], folder: Path) -> None:
    name, *plain = CALLS[number]
    call = FunctionCall(name, AT, expression(name, tuple(plain)), folder, folder)
    args = [value_of(arg) for arg in plain]
    whole = call_function(call, args)
    for n, arg in enumerate(args):
        for each in hidden(arg, hole):
            partial = call_function(call, [*args[:n], each, *args[n + 1 :]])
            assert isinstance(whole, Unknown) or covers(partial, whole), each
