"""Paths as the user would type them."""

from pathlib import Path


def display(path: Path) -> str:
    """Return the path relative to the working directory where it lies below it, as it is elsewhere."""
    absolute = path if path.is_absolute() else Path.cwd() / path
    try:
        return absolute.relative_to(Path.cwd()).as_posix()
    except ValueError:
        return path.as_posix()
