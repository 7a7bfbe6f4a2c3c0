"""What somebody meant who wrote a name that does not exist."""

from collections.abc import Collection

_ALIKE = 0.7
"""Below this, two words have too little in common for one to be a typo of the other."""


def did_you_mean(word: str, known: Collection[str], *, otherwise: str) -> str:
    """Return the question after the known name most like `word`, or `otherwise` where none is like it."""
    from difflib import get_close_matches  # noqa: PLC0415 - slow, and only for a message

    names = {name.casefold(): name for name in known}
    found = get_close_matches(word.casefold(), names, n=1, cutoff=_ALIKE)
    return f"did you mean {names[found[0]]}?" if found else otherwise


def listed(names: Collection[str], last: str = "or") -> str:
    """Return names as a sentence lists them: `a, b or c`."""
    *first, end = names
    return f"{', '.join(first)} {last} {end}" if first else end
