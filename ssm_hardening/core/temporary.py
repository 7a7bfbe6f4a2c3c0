"""Folders for what a child process keeps while it runs."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

VARIABLES = ("TMPDIR", "TMP", "TEMP")
"""The environment variables by which programs find the folder for temporary files."""


@contextmanager
def private_folder() -> Iterator[str]:
    """Yield a new folder that only this user can read and write, and remove it with all it holds.

    In a folder that all users share, anyone can put a file where a program will look for one of its own: checkov's
    parser keeps its grammar there as a pickle, under a name that can be worked out, and reading a pickle can run code.
    """
    # A short name: the sockets of Terraform's providers lie below, and their paths may have about 100 characters.
    with tempfile.TemporaryDirectory(prefix="ssmh-", ignore_cleanup_errors=True) as name:
        yield name
