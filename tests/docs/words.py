"""The words that must not come back, what to write in their place, and the texts that people read.

The tool is written as Terraform, ruff, GitHub and AWS write: verb first, articles in place, the field's terms.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]

WORDS = {
    r"\bfor ever\b": "without a time limit, indefinitely",
    r"(?<!')\b(?:his|him|he|hers)\b(?!')": "their, them, they",
    r"\bnobody's\b": "not managed by anyone",
    r"configured is not recorded": "Configured does not mean recorded",
    r"without opinion": "without verdicts",
    r"\b(?:a )?fault of ours\b|\bour fault\b": "internal error",
    r"\bor worse\b": "or higher",
    r"nothing here to judge": "nothing to check",
    r"\bjudg(?:e|es|ed|ing)\b": "evaluate, check",
    r"\b(?:can ?not|can|could not|could) be told\b|\bdoes not tell\b|\bis not told\b": "is unknown",
    r"\b(?:leaves?|left|remains?) open\b": "is unknown, undecided",
    r"\bto supply\b|\bsupply (?:it|the)\b": "to resolve, pass",
    r"\bmend(?:s|ed|ing)?\b": "fix",
    r"\bby hand\b": "manually, manual",
    r"\byours to give\b": "you must set this",
    r"\btell(?:s|ing)? of\b|\btold of\b": "alerts on, says about",
    r"\bdoors?\b": "way in, way into",
    r"\bin haste\b": "has a deletion window of 14 days or more",
    r"\bis root\b(?! account| user| of)": "has root",
    r"\bin clear\b(?! text)": "in clear text",
    r"\bwaives nothing\b": "has no effect",
    r"\b(?:is|are) there already\b|\balready there\b": "already exists",
    r"\bturned to passed\b|\bnewly failed\b": "N findings now pass, no new failures",
    r"\bloop (?:did not close|closed)\b": "Remediation incomplete, Remediation complete",
    r"\bslips? of the pen\b": "a typo",
    r"\banew\b": "again",
    r"\bforetold\b": "announced",
    r"\bin vain\b|\bhitherto\b|\bhenceforth\b|\btherein\b|\bthereby\b|\bwhosoever\b|\bof the kind\b": "plain words",
    r"\bthe same eyes\b": "the same rules",
    r"\bof (?:ours|yours)\b": "of this tool, your",
    r"(?<!there )\bis none\b|(?<!there )\bare none\b(?! of)": "is not a …",
    r"\bstands? (?:in (?:no|the way)|beside|apart|at|where|for itself)\b": "is, is written in",
    r"\bdelivers? up\b|\bgives? away\b": "exposes",
    r"\bnested too deep\b": "nested too deeply",
    r"\bto be had\b": "available",
    r"\bin the manner of\b": "like",
    r"\bwhose it is\b": "who manages it",
    r"\bon record\b": "recorded",
    r"\bsays? two things\b": "cannot be combined",
    r"\bof its own making\b": "that it creates",
    r"\ba truth value\b|\btexts? with holes\b": "a boolean, a partly known string",
    r"\bdid not end within\b": "timed out after",
    r"\bleads? out of\b": "points outside of",
    r"\bthere is no telling\b": "is unknown",
    r"\bif its author likes\b": "if its author chooses",
    r"\b(?:which|that|what) (?:is|are) no (?:key|object|text|folder|file|rule|name|date|list|collection)\b": "is not a",
    r"\ba (?=(?:a|e(?!u)|i|o(?!ne\b|nce\b))[a-z]+\b)": "an",
    r"\ban (?=(?:[bcdfgjkpqtvwyz]|u(?:ser|nit|nique|ni)|one\b|once\b)[a-z]*\b)": "a",
    r"\bclos(?:es?|ed|ing) (?:the |a |its |these |those |every |all |which )?(?:gaps?|findings?)\b": "fix a gap",
    r"\bhow to close (?:it|them)\b|\bclosed by\b": "how to fix, fix",
    r"\bwiden(?:s|ed|ing)? (?:their|its|the|his) (?:own )?(?:permissions|access|reach)\b": "extend their permissions",
    r"\baws's defaults?\b": "the AWS defaults",
    r"\bus dollars\b": "USD",
    r"\bmust be a text\b|\bis a text, not\b": "a string",
    r"\b(?:account|event|activation|instance|session|command|node) (?-i:ids?)\b": "ID",
    r"\Aname (?:a|an|another|it|its|where)\b": "use, pass",
    r"\b(?:too many|few) can\b": "too many identities can",
    r"\bedits? of your code\b": "edits to your code",
    r"\bneeded permissions\b": "required permissions",
    r"\btls alone\b": "TLS only",
    r"\b(?:from |the )?inside (?:of )?(?:an instance|instances)\b": "inside nodes",
    r"(?<!,)(?<!, )\b[\w`/-]+, [\w`-]+ (?:and|or) (?!not\b)[\w`-]+\b(?=[.;:)]|\Z)": "a serial comma: a, b, or c",
    r"\bwho reaches what\b|\bthrough which roles\b": "who can do what, what node roles allow",
    r"(?<![,;] )\b1 (?:policies|roles|rules|gaps|findings|files|nodes|verdicts|modules|days|minutes)\b": "the singular",
}
"""What must not stand in a text (as a regular expression, whatever the case) → what to write."""

AREAS = {
    "rules": ("ssm_hardening/rules/**/*.py", "ssm_hardening/verdicts/**/*.py"),
    "access": ("ssm_hardening/access/**/*.py", "ssm_hardening/iam/**/*.py"),
    "read": tuple(f"ssm_hardening/{each}/**/*.py" for each in ("core", "hcl", "judge", "model", "read", "text")),
    "remediation": ("ssm_hardening/remediation/**/*.py", "templates/**/*.j2"),
    "verification": ("ssm_hardening/verification/**/*.py", "ssm_hardening/sandbox/**/*.py"),
    "report": ("ssm_hardening/report/**/*.py",),
    "cli": ("ssm_hardening/cli/**/*.py", "Makefile", "pyproject.toml", ".pre-commit-hooks.yaml"),
    "modules": ("modules/**/*.tf", "modules/**/*.md", "modules/**/*.hcl", "examples/**/*.md", "examples/**/*.tf"),
    "docs": ("*.md", "docs/*.md", "docs/adr/*.md", "docs/rules/*.md", "ssm_hardening/*.md"),
}
"""Each kind of text, and the files that hold it."""

ALLOWED: dict[str, str] = {
    "CHANGELOG.md: AWS's defaults": "an entry that was published",
    "modules/operator-role/main.tf: doors": "the name of a policy that exists where the module was applied",
    "modules/operator-role/tests/operator_role.tftest.hcl: doors": "the same",
    "pyproject.toml: judge": "the name of a package",
    "ssm_hardening/cli/commands.py: 1 gaps": "an exit code and what it means, not a number of gaps",
}
"""`PATH: text matched` → why it may stand there."""


class Slip(NamedTuple):
    """A word that must not stand in a text: where, what, and what to write."""

    place: str
    found: str
    instead: str


def slips(area: str) -> Iterator[Slip]:
    """Yield what must not stand in the texts of an area."""
    anything = re.compile("|".join(WORDS), re.IGNORECASE)
    for path, line, text in texts(area):
        for pattern, instead in WORDS.items() if anything.search(text) else ():
            for found in re.finditer(pattern, text, re.IGNORECASE):
                shown = f"{path}: {found[0]}"
                if shown not in ALLOWED:
                    around = text[max(0, found.start() - 30) : found.end() + 30].replace("\n", " ")
                    yield Slip(f"{path}:{line}", around, instead)


def texts(area: str) -> Iterator[tuple[str, int, str]]:
    """Yield the texts of an area that people read: path, line, text."""
    paths = sorted({path for pattern in AREAS[area] for path in ROOT.glob(pattern)})
    for path in paths:
        shown = path.relative_to(ROOT).as_posix()
        told = path.read_text(encoding="utf-8")
        if path.suffix == ".py":
            for line, text in _strings(ast.parse(told), with_docstrings="/rules/" in shown or "/cli/" in shown):
                yield shown, line, text
        else:
            yield from ((shown, number, text) for number, text in enumerate(_prose(told), 1))


def _prose(text: str) -> Iterator[str]:
    """Yield the lines without what is code in them; a line of a code block is empty."""
    in_block = False
    for line in text.splitlines():
        fence = line.lstrip().startswith("```")
        in_block ^= fence
        yield "" if in_block or fence else _without_code(line)


def _without_code(line: str) -> str:
    return re.sub(r"`[^`]*`|\$\{[^}]*\}|\]\([^)]*\)", "…", line)


def _strings(tree: ast.Module, *, with_docstrings: bool) -> Iterator[tuple[int, str]]:
    """Yield the texts in a module: of an f-string, one text with `…` for what is filled in."""
    left_out: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            left_out.update(id(each) for each in ast.walk(node) if each is not node and not _is_format(each))
        if isinstance(node, ast.Expr) and not (with_docstrings and _is_documented(node, tree)):
            left_out.add(id(node.value))
        left_out.update(id(each) for type_ in _types(node) for each in ast.walk(type_))
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts = (each.value if isinstance(each, ast.Constant) else "…" for each in node.values)
            yield node.lineno, "".join(map(str, parts))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in left_out:
            yield node.lineno, node.value


def _types(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what a node says of types, which may be written as a text."""
    match node:
        case ast.arg(annotation=ast.expr() as said) | ast.AnnAssign(annotation=said):
            yield said
        case ast.FunctionDef(returns=ast.expr() as said):
            yield said
        case _:
            return


def _is_format(node: ast.AST) -> bool:
    return isinstance(node, ast.FormattedValue)


def _is_documented(node: ast.AST, tree: ast.Module) -> bool:
    """Say whether a docstring belongs to a function that a user can meet: a rule, or a command."""
    functions = (each for each in ast.walk(tree) if isinstance(each, ast.FunctionDef))
    return any(each.body[0] is node and not each.name.startswith("_") for each in functions)


# --- the same, of texts as they are printed ------------------------------------------------------

_SINGULAR = "access|address|alias|basis|bus|class|process|status|is|was|has|does|this|its|less|always|across"
_VOWEL = r"(?:[aio]|e(?!u)|u(?!ni|s[aeiu]|til|r[aio]|k\b))"
_CONSONANT = r"(?:[bcdfgjklmnpqrstvwyz]|h(?!our|onest|eir)|uni|use[rds]?\b)"

PRINTED = {
    rf"(?<![\w.,:/-])(?<!of )1 (?!(?:{_SINGULAR})\b)[a-z]+s\b(?!-)": "the singular after 1",
    rf"(?<![\w'\"`/-])a (?!one\b|once\b){_VOWEL}[a-z]+\b": "an before a vowel",
    rf"(?<![\w'\"`/-])an {_CONSONANT}[a-z]+\b": "a before a consonant",
    r"(?<![\w`./:-])(?!that\b|had\b)([A-Za-z]{2,}) \1\b(?![`./:-])": "the word once",
    r"(?<=[\w)]) [,;.](?=\s|$)": "no space before the sign",
    r"(?<!\$)\{[a-z_.]+(?:![rs])?\}": "the value, not its name",
}
"""What must not stand in a text that is filled in (as a regular expression) → what to write."""


def misworded(text: str) -> Iterator[str]:
    """Yield the words in a text that must not come back."""
    for pattern, instead in WORDS.items():
        yield from (f"{found[0]!r}: write {instead}" for found in re.finditer(pattern, text, re.IGNORECASE))


def misprints(text: str) -> Iterator[str]:
    """Yield what is wrong with the grammar, the spaces and the quotes of a text as it is printed."""
    for pattern, instead in PRINTED.items():
        yield from (f"{found[0]!r}: write {instead}" for found in re.finditer(pattern, text))
    yield from (f"an odd number of {quote}" for quote in ('"', "`") if text.count(quote) % 2)
    yield from (f"{shut} without {begun}" for begun, shut in ("()", "[]") if text.count(begun) != text.count(shut))
