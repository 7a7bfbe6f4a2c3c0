"""One simulated account for each module of tests that asks for it."""

from collections.abc import Iterator

import pytest

from ssm_hardening.sandbox.server import Sandbox, running


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running() as started, pytest.MonkeyPatch.context() as patch:
        for name, text in started.environment().items():
            patch.setenv(name, text)
        yield started
