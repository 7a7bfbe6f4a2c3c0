"""HCL text to tokens.

The tokens come from here rather than from the grammar's own terminals because HCL's lexer has states that
regular terminals cannot follow: newlines count in some brackets only, templates nest in strings and heredocs,
`-` is a sign or an operator, and `for`, `in` and `if` are words only in some places. Comments are collected
on the way, and nesting is bounded here, before anything is built.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar

from ssm_hardening.core.errors import UnreadableError
from ssm_hardening.hcl.ast import Comment
from ssm_hardening.hcl.templates import decode_quoted, decode_raw
from ssm_hardening.hcl.tokens import (
    BRACKETS,
    CLOSABLE,
    CLOSERS,
    CODE,
    CONSTANTS,
    DEEPENING,
    DIGITS,
    DIRECTIVE,
    INTERPOLATION,
    MAX_DEPTH,
    MAX_TOKENS,
    OPERAND_ENDS,
    OPERATORS,
    QUOTED,
    RAW_LINE,
    SEPARATING,
    ForStage,
    Frame,
    SourceText,
    Token,
)


@dataclass(slots=True)
class Lexer:
    """Reads one text; `tokens` and `comments` fill while it runs."""

    source: SourceText
    tokens: list[Token] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    position: int = 0
    depth: int = 0
    frames: list[Frame] = field(default_factory=list)

    def read_file(self) -> None:
        """Read a whole file."""
        self._run(Frame("", 0))

    def read_expression(self) -> None:
        """Read one expression, as the value of an attribute in parentheses: newlines do not count."""
        self.tokens += [Token("NAME", 0, 0, "_"), Token("EQ", 0, 0, "="), Token("LPAR", 0, 0, "")]
        self._run(Frame("", 0, quiet=True))
        self._end_with(Token("RPAR", len(self.source.text), len(self.source.text), ""))

    def read_template(self) -> None:
        """Read the whole text as a template, as the value of an attribute."""
        self.tokens += [Token("NAME", 0, 0, "_"), Token("EQ", 0, 0, "="), Token("DBLQUOTE", 0, 0, "")]
        self._run(Frame("", 0, template="raw"))
        self._end_with(Token("DBLQUOTE", len(self.source.text), len(self.source.text), ""))

    def _end_with(self, token: Token) -> None:
        self.tokens.insert(len(self.tokens) - 1, token)

    def _run(self, root: Frame) -> None:
        self.frames.append(root)
        end = len(self.source.text)
        while self.position < end:
            if self.frames[-1].template:
                self._template(self.frames[-1])
            else:
                self._code()
            if len(self.tokens) > MAX_TOKENS:
                raise self._too_dense()
        if len(self.frames) > 1:
            raise self._unclosed(self.frames[-1])
        self.tokens.append(Token("$END", end, end, ""))

    def _too_dense(self) -> UnreadableError:
        reason = f"the file has more than {MAX_TOKENS:,} tokens"
        return UnreadableError(self.source.path, 0, reason, hint="split the file")

    def _unclosed(self, frame: Frame) -> UnreadableError:
        opened = self.source.text[frame.start : frame.start + 20].split("\n")[0]
        return self.source.broken(frame.start, f"`{opened}` is never closed")

    # Code

    def _code(self) -> None:
        after_dot = bool(self.tokens) and self.tokens[-1].type == "DOT"
        found = (DIGITS.match if after_dot else CODE.match)(self.source.text, self.position)
        found = found or CODE.match(self.source.text, self.position)
        if found is None or found.lastgroup is None:
            raise self._unexpected()
        kind = found.lastgroup
        self.position = found.end()
        self._handlers[kind](self, found.start(kind), found[kind])

    def _unexpected(self) -> UnreadableError:
        rest = self.source.text[self.position :].lstrip(" \t\r")
        return self.source.broken(len(self.source.text) - len(rest), f"unexpected character {rest[0]!r}")

    def _emit(self, kind: str, start: int, value: str) -> None:
        self.tokens.append(Token(kind, start, self.position, value))

    def _end(self, start: int, text: str) -> None:
        """Blanks at the end of the text are nothing."""

    def _newline(self, start: int, text: str) -> None:
        frame = self.frames[-1]
        if frame.quiet:
            return
        frame.operators = frame.accesses = 0
        if not self.tokens or self.tokens[-1].type != "NL_OR_COMMENT":
            self._emit("NL_OR_COMMENT", start, text)

    def _line_comment(self, start: int, text: str) -> None:
        body = text[1:] if text.startswith("#") else text[2:]
        self.comments.append(Comment(self.source.line(start), body.strip()))

    def _block_comment(self, start: int, _text: str) -> None:
        end = self.source.text.find("*/", self.position)
        if end < 0:
            raise self.source.broken(start, "the comment that starts with `/*` is never closed")
        self.comments.append(Comment(self.source.line(start), self.source.text[self.position : end].strip()))
        self.position = end + 2

    def _name(self, start: int, text: str) -> None:
        self._emit(self._word(text), start, text)

    def _word(self, text: str) -> str:
        """Return the type of a word: `for`, `in` and `if` are keywords only where a `for` expression stands."""
        frame, last = self.frames[-1], self.tokens[-1].type if self.tokens else ""
        if last == "DOT":
            return "NAME"
        if text == "for" and frame.closer in {"]", "}"} and self._opens_collection():
            frame.stage, frame.quiet = ForStage.INTRO, True
            return "FOR"
        if text == "in" and frame.stage is ForStage.INTRO and last == "NAME":
            frame.stage = ForStage.REST
            return "IN"
        if text == "if" and frame.stage is ForStage.REST and last in OPERAND_ENDS | {"ELLIPSIS"}:
            frame.operators = frame.accesses = 0
            return "IF"
        return CONSTANTS.get(text, "NAME")

    def _opens_collection(self) -> bool:
        """Tell whether the last bracket opened a tuple or an object (not a block), and nothing followed."""
        if self.tokens[-1].type == "NL_OR_COMMENT" and self.tokens[-2].type == "LBRACE":
            self.tokens.pop()
        last = self.tokens[-1].type
        before = self.tokens[-2].type if len(self.tokens) > 1 else "NL_OR_COMMENT"
        return last == "LSQB" or (last == "LBRACE" and before not in {"NAME", "DBLQUOTE", "NL_OR_COMMENT"})

    def _number(self, start: int, text: str) -> None:
        self._emit("INT_LITERAL" if text.isdecimal() else "FLOAT_LITERAL", start, text)

    def _operator(self, start: int, text: str) -> None:
        frame, last = self.frames[-1], self.tokens[-1] if self.tokens else None
        self._count(frame, text)
        if text in {"-", "!"} and (last is None or last.type not in OPERAND_ENDS):
            if last is not None and last.type == "NOT":
                self.tokens[-1] = Token("NOT", last.start, self.position, last.value + text)
            else:
                self._emit("NOT", start, text)
            return
        self._emit(OPERATORS[text], start, text)

    def _count(self, frame: Frame, text: str) -> None:
        if text in SEPARATING:
            frame.operators = frame.accesses = 0
        elif text in DEEPENING:
            frame.operators += 1
            frame.accesses = 0
        elif text == ".":
            frame.accesses += 1
        self._check_depth(frame)

    def _check_depth(self, frame: Frame) -> None:
        if self.depth + frame.operators + frame.accesses > MAX_DEPTH:
            line = self.source.line(self.position - 1)
            reason = f"nested more than {MAX_DEPTH} levels deep"
            raise UnreadableError(self.source.path, line, reason, hint="split the expression into local values")

    def _splat(self, start: int, text: str) -> None:
        self._count(self.frames[-1], ".")
        self._emit("ATTR_SPLAT" if text.startswith(".") else "FULL_SPLAT_START", start, text)

    def _opening(self, start: int, text: str) -> None:
        kind, closer = BRACKETS[text]
        if text != "{" and self.tokens and self.tokens[-1].type in OPERAND_ENDS:
            self.frames[-1].accesses += 1
        self._emit(kind, start, text)
        self._push(Frame(closer, start, quiet=closer != "}"))

    def _push(self, frame: Frame) -> None:
        parent = self.frames[-1]
        self.depth += 1 + parent.operators + parent.accesses
        self.frames.append(frame)
        self._check_depth(frame)

    def _pop(self) -> None:
        self.frames.pop()
        parent = self.frames[-1]
        self.depth -= 1 + parent.operators + parent.accesses

    def _closing(self, start: int, text: str) -> None:
        if self.frames[-1].closer not in CLOSABLE[text]:
            raise self.source.broken(start, f"unexpected `{text}`")
        self._pop()
        self._emit(CLOSERS[text], start, text)

    # Templates

    def _quote(self, start: int, text: str) -> None:
        self._emit("DBLQUOTE", start, text)
        self._push(Frame(text, start, template="quoted"))

    def _heredoc(self, start: int, text: str) -> None:
        opening = "<<-" if text.startswith("<<-") else "<<"
        self._emit("DBLQUOTE", start, opening)
        self._push(Frame(text.removeprefix(opening).strip(), start, template="raw"))

    def _template(self, frame: Frame) -> None:
        if frame.fresh and frame.template == "raw" and frame.closer and self._closes_heredoc(frame):
            return
        start = self.position
        quoted = frame.template == "quoted"
        found = (QUOTED if quoted else RAW_LINE).match(self.source.text, start)
        if found is not None and found[0]:
            self.position = found.end()
            frame.fresh = found[0].endswith("\n")
            self._emit("STRING_CHARS", start, decode_quoted(found[0]) if quoted else decode_raw(found[0]))
        elif self.source.text.startswith("${", start):
            frame.fresh = False
            self._interpolation(start)
        elif self.source.text.startswith("%{", start):
            frame.fresh = False
            self._directive(start)
        else:
            self._end_quoted(start)

    def _closes_heredoc(self, frame: Frame) -> bool:
        start = self.position
        end = self.source.text.find("\n", start)
        line = self.source.text[start : end if end >= 0 else len(self.source.text)]
        if line.strip() != frame.closer:
            return False
        self._pop()
        self.position = start + len(line.rstrip())
        self._emit("DBLQUOTE", start, "")
        self.position = start + len(line)
        return True

    def _interpolation(self, start: int) -> None:
        opening = "${~" if self.source.text.startswith("${~", start) else "${"
        self.position += len(opening)
        self._emit("INTERP_START", start, opening)
        self._push(Frame(INTERPOLATION, start, quiet=True))

    def _directive(self, start: int) -> None:
        found = DIRECTIVE.match(self.source.text, start)
        if found is None:
            raise self.source.broken(start, "expected if, else, endif, for, or endfor after `%{`")
        self.position = found.end()
        word = found["word"]
        self._emit("DIRECTIVE_START", start, found["opening"])
        self._emit(word.upper(), found.start("word"), word)
        stage = ForStage.INTRO if word == "for" else ForStage.PLAIN
        self._push(Frame(INTERPOLATION, start, quiet=True, stage=stage))

    def _end_quoted(self, start: int) -> None:
        text = self.source.text[start : start + 2]
        if text[0] == "\\":
            raise self.source.broken(start, f"`{text}` is not a valid escape sequence")
        if text[0] == "\n":
            raise self.source.broken(start, "a quoted string must end on the line where it starts")
        self._pop()
        self.position += 1
        self._emit("DBLQUOTE", start, '"')

    _handlers: ClassVar[dict[str, Callable[["Lexer", int, str], None]]] = {
        "newline": _newline,
        "line_comment": _line_comment,
        "block_comment": _block_comment,
        "name": _name,
        "number": _number,
        "quote": _quote,
        "heredoc": _heredoc,
        "splat": _splat,
        "opening": _opening,
        "closing": _closing,
        "operator": _operator,
        "end": _end,
    }
