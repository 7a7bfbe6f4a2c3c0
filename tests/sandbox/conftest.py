"""One simulated account for all tests of a worker; each test finds it empty."""

from collections.abc import Callable
from typing import Any

import pytest

from ssm_hardening.sandbox.server import Sandbox

Client = Callable[..., Any]


@pytest.fixture
def sandbox(server: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    server.reset()
    for name, value in server.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    monkeypatch.delenv("AWS_SESSION_TOKEN", raising=False)
    return server


@pytest.fixture
def client(sandbox: Sandbox) -> Client:
    """Make boto3 clients that try once and give up soon."""
    from boto3.session import Session
    from botocore.config import Config

    session = Session()

    def made(service: str, *, region: str = sandbox.region, timeout: float = 30.0, **keys: str) -> Any:
        config = Config(retries={"total_max_attempts": 1}, read_timeout=timeout)
        return session.client(service, region_name=region, config=config, **keys)

    return made
