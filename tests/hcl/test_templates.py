"""Strings, heredocs and whole-text templates. The expected texts were compared with Terraform 1.11's own."""

import pytest

from ssm_hardening.core.errors import UnreadableError
from ssm_hardening.hcl import ast
from ssm_hardening.hcl.syntax import parse, parse_template


def value(text: str) -> ast.Expr:
    return parse("main.tf", f"x = {text}\n".encode()).body.attributes[0].value


def render(node: ast.Expr) -> str:
    """Render a template in which names stand for themselves, conditions hold and loops run twice."""
    match node:
        case ast.Literal(text):
            return str(text)
        case ast.TemplateExpr(parts):
            return "".join(render(part) for part in parts)
        case ast.TemplateIf(_, then, _):
            return render(then)
        case ast.TemplateFor(_, _, _, body):
            return render(body) * 2
        case ast.Name(name):
            return f"<{name}>"
        case _:
            return "<?>"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('""', ""),
        (r'"a\n\r\t\"\\b"', 'a\n\r\t"\\b'),
        (r'"\u00e4\U0001F600"', "ä😀"),
        (r'"\ud83d"', "\ufffd"),
        ('"$$ % %%{ $${a} a$ $a %a $$"', "$$ % %{ ${a} a$ $a %a $$"),
        ('"$$${"', "$${"),
        ('"a # b // c /* d"', "a # b // c /* d"),
    ],
)
def test_plain_strings_are_literals(text: str, expected: str) -> None:
    node = value(text)
    assert isinstance(node, ast.Literal)
    assert node.value == expected


INDENTED_LOOP = """<<-DOC
      x
      %{ for i in l ~}
      i=${i}
      %{ endfor ~}
      end
  DOC"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"$${a-${b}}"', "${a-<b>}"),
        ('"${a}${b}"', "<a><b>"),
        ('"a ${~ b ~} c"', "a<b>c"),
        ('"x  ${~ b ~}  y%{ if c ~}  yes %{~ else }no%{ endif }"', "x<b>yyes"),
        ('"%{ for k, v in c }${v},%{ endfor }"', "<v>,<v>,"),
        ('"%{if a}${"}"}%{endif}"', "}"),
        ("<<DOC\nDOC", ""),
        ("<<_DOC\nx\n_DOC", "x\n"),
        ("<<DOC   \nx\n  DOC   ", "x\n"),
        ('<<DOC\na\\n$${x} %%{ "q" ${b}\nDOC', 'a\\n${x} %{ "q" <b>\n'),
        ("<<DOC\n  ${a}DOC\nDOC", "  <a>DOC\n"),
        ("<<-DOC\n\t\ttab\n\t  mix\n\tDOC", "tab\n mix\n"),
        ("<<-DOC\n  ${z}\n    a\n  DOC", "<z>\n  a\n"),
        ("<<-DOC\n    a\n\n      b\n  DOC", "a\n\n  b\n"),
        ("<<-DOC\n    a\n  \n      b\n  DOC", "a\n  \n  b\n"),
        ("<<-DOC\n  %{ if c }x%{ endif }\n    y\n  DOC", "x\n  y\n"),
        (INDENTED_LOOP, "x\n      i=<i>\n      i=<i>\n      end\n"),
        ("<<DOC\n${\n  a /* why */\n}\nDOC", "<a>\n"),
        (
            "<<DOC\n%{ if a }\n%{ for x in y }z%{ endfor }\n%{ else }\nno\n%{ endif }\nDOC",
            "\nzz\n\n",
        ),
    ],
)
def test_templates(text: str, expected: str) -> None:
    assert render(value(text)) == expected


def test_a_heredoc_stays_a_template() -> None:
    node = value("<<DOC\nplain\nDOC")
    assert isinstance(node, ast.TemplateExpr)
    assert node.heredoc
    assert [render(part) for part in node.parts] == ["plain\n"]


def test_heredocs_in_brackets_and_lines_inside_them() -> None:
    text = "x = f([<<A\n1 ${a}\nA\n, <<-B\n  2\n  ${b}\n  B\n], {\n  k = <<C\n3\nC\n  l = 4\n})\n"
    (attribute,) = parse("main.tf", text.encode()).body.attributes
    assert isinstance(attribute.value, ast.Call)
    first, second = attribute.value.args
    assert isinstance(first, ast.TupleExpr)
    assert [render(item) for item in first.items] == ["1 <a>\n", "2\n<b>\n"]
    holes = [part for item in first.items if isinstance(item, ast.TemplateExpr) for part in item.parts]
    assert [part.span.line for part in holes if isinstance(part, ast.Name)] == [2, 6]
    assert isinstance(second, ast.ObjectExpr)
    assert [render(item.value) for item in second.items] == ["3\n", "4"]


def test_directives_keep_their_parts() -> None:
    node = value('"%{ for k, v in c }x%{ endfor }%{ if a }b%{ else }c%{ endif }%{ if d }e%{ endif }"')
    assert isinstance(node, ast.TemplateExpr)
    loop, choice, bare = node.parts
    assert isinstance(loop, ast.TemplateFor)
    assert isinstance(choice, ast.TemplateIf)
    assert isinstance(bare, ast.TemplateIf)
    assert (loop.key_name, loop.value_name) == ("k", "v")
    assert choice.otherwise is not None
    assert render(choice.otherwise) == "c"
    assert bare.otherwise is None


def test_a_directive_alone_is_a_template() -> None:
    node = value('"%{ if a }b%{ endif }"')
    assert isinstance(node, ast.TemplateExpr)
    assert isinstance(node.parts[0], ast.TemplateIf)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ('say "hi" \\n\n', 'say "hi" \\n\n'),
        (
            "A\n%{ for i in l ~}\n   i=${i}\n%{ endfor ~}\n  end ${~ x ~} \n\n   y\n",
            "A\n   i=<i>\n   i=<i>\n  end<x>\n   y\n",
        ),
        ("${a}", "<a>"),
    ],
)
def test_whole_text_templates(text: str, expected: str) -> None:
    assert render(parse_template(text, "t.tpl")) == expected


def test_whole_text_templates_count_lines_from_the_given_one() -> None:
    node = parse_template("one\ntwo ${a}\n", "t.tpl", line=10)
    assert isinstance(node, ast.TemplateExpr)
    assert [part.span.line for part in node.parts] == [10, 11, 11]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('"a', "must end on the line"),
        ('"a\nb"', "must end on the line"),
        (r'"\q"', "not a valid escape sequence"),
        ('"${a"', "must end on the line"),
        ('"${}"', "unexpected"),
        ('"${a', "never closed"),
        ('"%{ while a }"', "expected if, else"),
        ('"%{ if a }b"', "is not closed"),
        ('"%{ endif }"', "no matching directive"),
        ('"%{ for a in b }%{ endif }"', "closes"),
        ('"%{ for a in b }%{ else }%{ endfor }"', "no matching directive"),
        ('"%{ if a }%{ else }%{ else }%{ endif }"', "no matching directive"),
        ("<<DOC\nx\n", "never closed"),
    ],
)
def test_broken_templates(text: str, reason: str) -> None:
    with pytest.raises(UnreadableError, match=reason):
        value(text)
