"""Texts of a node, made harmless: they come from whoever controls it."""


def from_bytes(text: str) -> str:
    r"""Return what a text means whose characters are bytes: `\u00c3\u00bc` is `ü`, and what is no UTF-8 `\ufffd`.

    One with characters beyond bytes stays as it is.
    """
    try:
        return text.encode("latin-1").decode("utf-8", "replace")
    except UnicodeEncodeError:
        return text


def visible(text: str) -> str:
    """Return the text with whatever could act on a terminal, hide, or change the direction of others written out."""
    return "".join(each if each.isprintable() else _written_out(each) for each in text)


def _written_out(character: str) -> str:
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")
