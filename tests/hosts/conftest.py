"""A node for each test, or the reason why there is none."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hosts.roots import Node, fresh, give_up, lacking, shared


@pytest.fixture(scope="session")
def base_node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """Return what all nodes are copies of; nobody may change it."""
    reason = lacking()
    if reason is not None:
        give_up(reason)
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    base = tmp_path_factory.getbasetemp()
    with shared((base.parent if worker else base) / "hosts", worker or "alone") as node:
        yield node


@pytest.fixture
def node(base_node: Node, tmp_path: Path) -> Iterator[Node]:
    """Return a node as the agent leaves it after the first session: `ssm-user` and its two-line sudoers file."""
    with fresh(base_node, tmp_path) as copy:
        yield copy
