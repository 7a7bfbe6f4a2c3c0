"""From a configuration to its files."""

from collections.abc import Mapping
from pathlib import Path

from tests.constructed.axes import Configuration, Elsewhere, Form, Regions
from tests.constructed.holders import called_module, identity_parts
from tests.constructed.nodes import node_parts
from tests.constructed.places import FOREIGN, layout
from tests.constructed.stores import session_parts
from tests.constructed.unread import unread_files, unread_modules


def files_of(case: Configuration) -> Mapping[str, bytes]:
    """Return the content of every file of the configuration, by path."""
    foreign = (FOREIGN,) if case.elsewhere is Elsewhere.ACCOUNT else ()
    parts = (
        *layout(case).providers,
        *foreign,
        *session_parts(case),
        *identity_parts(case),
        *node_parts(case),
        *unread_modules(case),
    )
    main = "main.tofu" if case.regions is Regions.FOR_EACH else "main.tf"
    files = {main: _joined(*parts), **dict(unread_files(case))}
    if case.form is Form.MODULE:
        files["grants/main.tf"] = _joined(called_module(case))
    return files


def write(files: Mapping[str, bytes], folder: Path) -> None:
    """Write the files of a configuration below a folder."""
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)


def _joined(*parts: str) -> bytes:
    return ("\n\n".join(parts) + "\n").encode()
