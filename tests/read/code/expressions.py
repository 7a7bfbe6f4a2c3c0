"""Random expressions of Terraform, by type, and the variables they use."""

import re

from hypothesis import strategies as st

VARIABLES = """
variable "t" {
  type = string
}
variable "u" {
}
variable "n" {
  type = number
}
variable "b" {
  type = bool
}
variable "l" {
  type = list(string)
}
variable "m" {
  type = map(string)
}
variable "o" {
  type = object({ a = optional(string, "A"), b = optional(number) })
}
"""

VALUES: dict[str, list[str]] = {
    "t": ["a", "b", ""],
    "u": ["a", "x-y"],
    "n": ["0", "1", "2"],
    "b": ["true", "false"],
    "l": ["[]", '["a"]', '["b", "a", "b"]'],
    "m": ["{}", '{ a = "x" }', '{ b = "a", c = "" }'],
    "o": ["{}", '{ a = "q", b = 1 }', "{ a = null, b = 2 }"],
}
"""What each variable may be given, as `--var` takes it."""

LEAVES: dict[str, list[str]] = {
    "t": ['"a"', '"b"', '""', '"x-y"', "var.t", "var.u", "var.o.a", "var.m.a", 'var.m["b"]', "var.l[0]"],
    "n": ["0", "1", "2", "0.5", "var.n", "var.o.b", '"1"'],
    "f": ["true", "false", "var.b", "var.t == null", "var.o.b == null"],
    "l": ["[]", "var.l", '["a", "b"]', "var.u[*]", "null[*]", "var.m[*].a"],
    "m": ["{}", "var.m", "var.o", '{ a = "x", b = "y" }'],
}

FORMS: dict[str, list[str]] = {
    "t": [
        '"${<t>}-${<v>}"',
        "(<f> ? <t> : <t>)",
        "upper(<t>)",
        "<l>[<n>]",
        "lookup(<m>, <t>, <t>)",
        "coalesce(<t>, <t>)",
        'join("-", <l>)',
        "try(<m>.a, <t>)",
        "try(<l>[1], <t>)",
        '"%{ if <f> }<%{ else }${<t>}%{ endif }"',
        '"%{ for x in <l> }${x},%{ endfor }"',
        '"%{ for k, v in <m> }${k}=${v},%{ endfor }"',
        "jsonencode(<v>)",
        'trimprefix(<t>, "a")',
        'replace(<t>, "-", <t>)',
        'format("%s_%s", <t>, <t>)',
        "one([for x in <l> : x if x == <t>])",
        "element(<l>, <n>)",
        "tostring(<n>)",
    ],
    "n": [
        "length(<l>)",
        "(<n> + <n>)",
        "(<n> - <n>)",
        "(<n> * <n>)",
        "(<n> / <n>)",
        "(<n> % <n>)",
        "(<f> ? <n> : <n>)",
        "max(<n>, <n>)",
    ],
    "f": [
        "(<v> == <v>)",
        "(<v> != <v>)",
        "(<n> < <n>)",
        "(<n> >= <n>)",
        "(<f> && <f>)",
        "(<f> || <f>)",
        "!<f>",
        "contains(<l>, <t>)",
        "can(<m>.a)",
        "alltrue([for x in <l> : x != <t>])",
    ],
    "l": [
        "[<t>, <v>]",
        "concat(<l>, <l>)",
        '[for x in <l> : "${x}!"]',
        '[for i, x in <l> : "${i}${x}"]',
        "[for x in <l> : x if x != <t>]",
        "[for k, v in <m> : { k = k, v = v }]",
        "(<f> ? <l> : <l>)",
        "keys(<m>)",
        "values(<m>)",
        "flatten([<l>, <v>])",
        "compact(<l>)",
        "distinct(<l>)",
        "toset(<l>)",
        "tolist(toset(<l>))",
        "[for k, v in toset(<l>) : k]",
        "setunion(<l>, <l>)",
        'split("-", <t>)',
        "reverse(<l>)",
        "sort(<l>)",
        "slice(<l>, 0, <n>)",
        "[for k, x in <l> : k][*]",
    ],
    "m": [
        "{ a = <v>, b = <v> }",
        "{ a = 1, (<t>) = <v> }",
        "merge(<m>, <m>)",
        "merge(<m>, <f> ? <m> : {})",
        "{ for k, v in <m> : k => v if v != <t> }",
        "{ for x in <l> : x => upper(x) }",
        "{ for x in <l> : x => x if x != <t> }",
        "{ for x in <l> : x => <t>... }",
        "(<f> ? <m> : <m>)",
        "zipmap(<l>, <l>)",
        "tomap(<m>)",
    ],
}
"""What is built of smaller ones: `<t>` is a text, `<n>` a number, `<f>` a boolean, `<l>` a list or set, `<m>` a map or
object, and `<v>` any of them."""

_HOLE = re.compile("<([tnflmv])>")
_Level = dict[str, st.SearchStrategy[str]]


def _filled(form: str, below: _Level) -> st.SearchStrategy[str]:
    literal = _HOLE.split(form)[::2]
    parts = st.tuples(*(below[kind] for kind in _HOLE.findall(form)))
    return parts.map(lambda chosen: "".join(a + b for a, b in zip(literal, (*chosen, ""), strict=True)))


def _level(below: _Level) -> _Level:
    made = {kind: st.one_of(below[kind], *(_filled(form, below) for form in FORMS[kind])) for kind in FORMS}
    return {**made, "v": st.one_of(*made.values())}


def _expressions(depth: int) -> st.SearchStrategy[str]:
    level: _Level = {kind: st.sampled_from(leaves) for kind, leaves in LEAVES.items()}
    level["v"] = st.one_of(*level.values(), st.just("null"))
    for _ in range(depth):
        level = _level(level)
    return level["v"]


EXPRESSIONS = _expressions(3)
