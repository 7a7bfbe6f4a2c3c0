"""What holds for all tests."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

from ssm_hardening.sandbox.server import Sandbox, running
from tests import skips, tables
from tests.skips import pytest_runtest_makereport
from tests.tools import RARELY_COLLECTED

__all__ = ["pytest_runtest_makereport"]

SERVED = {"sandbox", "started", "server", "account", "compared"}
"""Fixtures by which a test has the simulated account's process."""

STARTERS = {"subprocess", "ssm_harden", "ssm_harden_in_turn", "shown_in_turn", "on_a_terminal", "processes"}
"""Names by which a module of tests starts programs; `base_node` is a root filesystem to start them in."""

# A slow machine is no defect: nothing here is judged by the clock.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


STARTING = {"verification", "mutants", "recorder", "packaging"}
"""Folders of tests of what starts programs."""


@pytest.fixture(scope="session")
def server() -> Iterator[Sandbox]:
    """Start one simulated account for a worker; its users `reset` it, which takes a fraction of a start."""
    with running() as sandbox:
        yield sandbox


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show what tests counted, and what was skipped."""
    tables.show(terminalreporter)
    skips.pytest_terminal_summary(terminalreporter)


def pytest_configure() -> None:
    """Let every terraform collect its garbage rarely, those that the product starts too."""
    for name, text in RARELY_COLLECTED.items():
        os.environ.setdefault(name, text)
    os.environ.pop("COLUMNS", None)  # xdist sets it in its workers, and every report would have that width


def pytest_collection_modifyitems(items: list[pytest.Function]) -> None:
    """Mark what needs other processes, which nobody then has to remember."""
    for item in items:
        if SERVED & set(item.fixturenames):
            item.add_marker("server")
        if STARTERS & vars(item.module).keys() or "base_node" in item.fixturenames or item.path.parent.name in STARTING:
            item.add_marker("process")
    # Whoever applies waits more than it computes: such files come first, so that the others fill their pauses.
    items.sort(key=lambda item: item.get_closest_marker("terraform") is None)
