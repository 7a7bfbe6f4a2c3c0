"""What Terraform calls sensitive, carried through evaluation: the place of such a value is marked.

Rules judge a marked value like any other. What an expression computes from one is marked too; a member that it only
passes on keeps its own mark.
"""

from dataclasses import replace

from ssm_hardening.core.origins import CodeOrigin, Origin
from ssm_hardening.core.redaction import leaves, texts_of
from ssm_hardening.core.values import Absent, Datum, Encoded, Items, Known, Record, Reference, Unknown, Value
from ssm_hardening.hcl import ast
from ssm_hardening.read.code.values import Values


def is_marked(value: Value[Datum]) -> bool:
    """Say whether anything in the value is sensitive."""
    return any(leaf.at_sensitive for leaf in leaves(value))


def marked(value: Value[Datum], *, sensitive: bool = True, kept: frozenset[int] = frozenset()) -> Value[Datum]:
    """Return the value with every known part marked, or without marks; those of `kept` (by identity) stay as they are.

    A reference stays as it is: it names an object, and its text is known only after apply.
    """
    match value:
        case Unknown(one_of=branches) if branches:
            return replace(value, one_of=tuple(marked(each, sensitive=sensitive, kept=kept) for each in branches))
        case Known() if id(value) not in kept and not isinstance(value.value, Reference):
            content = _content(value.value, sensitive=sensitive, kept=kept)
            # A collection of which a part was passed on is marked part by part.
            whole = not kept or not isinstance(value.value, Record | Items | Encoded)
            return replace(value, value=content, at=placed(value.at, sensitive=sensitive) if whole else value.at)
        case Known() | Absent() | Unknown():
            return value


def placed(at: Origin, *, sensitive: bool) -> Origin:
    """Return a place, marked or not."""
    return replace(at, sensitive=sensitive) if isinstance(at, CodeOrigin) and at.sensitive != sensitive else at


def _content(content: Datum, *, sensitive: bool, kept: frozenset[int]) -> Datum:
    match content:
        case Record(members):
            inner = {key: marked(each, sensitive=sensitive, kept=kept) for key, each in members.items()}
            return replace(content, members=inner)
        case Items(items):
            return replace(content, items=tuple(marked(each, sensitive=sensitive, kept=kept) for each in items))
        case Encoded(value=inner_value):
            return replace(content, value=marked(inner_value, sensitive=sensitive, kept=kept))
        case _:
            return content


class Marks:
    """The marks of one root module, and the texts of everything that was marked."""

    def __init__(self) -> None:
        self._texts: set[str] = set()
        self._shown: set[str] = set()
        self._any = False

    @property
    def texts(self) -> frozenset[str]:
        """The texts that no output may show; what `nonsensitive` was asked of may be."""
        return frozenset(self._texts - self._shown)

    def mark(self, value: Value[Datum]) -> Value[Datum]:
        """Return the value marked in all its parts."""
        self._any = True
        found = marked(value)
        self._texts.update(text for leaf in leaves(found) if leaf.at_sensitive for text in texts_of(leaf))
        return found

    def unmark(self, value: Value[Datum]) -> Value[Datum]:
        """Return the value without marks: its author says that it may be seen."""
        self._shown.update(texts_of(value))
        return marked(value, sensitive=False)

    def carry(self, value: Value[Datum], sources: Values) -> Value[Datum]:
        """Return what was computed from the sources, marked where one of them is; what was passed on stays as it is."""
        if not self._any or not any(is_marked(source) for source in sources):
            return value
        kept = frozenset(id(leaf) for source in sources for leaf in leaves(source))
        found = marked(value, kept=kept)
        self._texts.update(text for leaf in leaves(found) if leaf.at_sensitive for text in texts_of(leaf))
        return found

    def settle(self, expr: ast.Expr, value: Value[Datum], parts: Values) -> Value[Datum]:
        """Return what an expression is, marked as the values of its parts ask."""
        match expr:
            case ast.Call(name="sensitive" | "core::sensitive"):
                return self.mark(value)
            case ast.Call(name="nonsensitive" | "core::nonsensitive"):
                return self.unmark(value)
            case _ if not self._any or not parts:
                return value
            case ast.TupleExpr() | ast.ObjectExpr():
                return value
            case ast.Conditional() if is_marked(parts[0]):
                return self.mark(value)
            case ast.TemplateIf() | ast.Attr() | ast.Index() if any(is_marked(part) for part in parts):
                return self.mark(value)
            case _:
                return self.carry(value, parts)
