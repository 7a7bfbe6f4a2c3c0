"""Where something stands in a text: offsets to lines and columns, and errors that name them."""

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from ssm_hardening.core.errors import UnreadableError
from ssm_hardening.hcl.ast import Attribute, Span

_NEWLINE = re.compile("\n")
BROKEN_HINT = "correct the syntax (`terraform fmt` and `terraform validate` name such errors), then run again"


@dataclass(frozen=True)
class SourceText:
    """A text with its name; `first_line` is the line its first character stands on.

    `pinned` is set where offsets in the text say nothing about the file (a JSON string with escapes):
    everything read from it then stands at that one place.
    """

    path: str
    text: str
    first_line: int = 1
    pinned: Span | None = None

    @cached_property
    def _newlines(self) -> list[int]:
        return [found.start() for found in _NEWLINE.finditer(self.text)]

    def line(self, offset: int) -> int:
        """Return the line of an offset."""
        if self.pinned is not None:
            return self.pinned.line
        return self.first_line + bisect_left(self._newlines, offset)

    def span(self, start: int, end: int) -> Span:
        """Return the span from `start` to `end` (exclusive)."""
        if self.pinned is not None:
            return self.pinned
        newlines = self._newlines
        row = bisect_left(newlines, start)
        column = start - (newlines[row - 1] if row else -1)
        last_row = bisect_left(newlines, max(start, end - 1))
        return Span(self.first_line + row, column, start, end, self.first_line + last_row)

    def refuse_twice(self, attributes: Sequence[Attribute]) -> None:
        """Raise where one body sets an argument twice: which of the two counts, Terraform does not say."""
        first: dict[str, int] = {}
        for attribute in attributes:
            if attribute.name in first:
                reason = f"`{attribute.name}` is set twice; it is set on line {first[attribute.name]}, too"
                raise self.broken(attribute.span.start, reason)
            first[attribute.name] = attribute.span.line

    def broken(self, offset: int, reason: str) -> UnreadableError:
        """Return the error for text that is not HCL."""
        return UnreadableError(self.path, self.line(offset), reason, hint=BROKEN_HINT)
