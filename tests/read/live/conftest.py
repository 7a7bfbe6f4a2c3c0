"""The simulated account, empty for each test, and a caller that reads it over HTTP."""

import pytest

from ssm_hardening.read.live.asking import AccountInRegion, AwsApi
from ssm_hardening.read.live.clients import AwsTarget, Clients
from ssm_hardening.sandbox.server import ACCOUNT, REGION, Sandbox


@pytest.fixture
def sandbox(server: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """Return the empty account, reached by every client of this process."""
    server.reset("empty")
    for name, text in server.environment().items():
        monkeypatch.setenv(name, text)
    return server


@pytest.fixture
def caller(sandbox: Sandbox) -> AwsApi:
    return AwsApi(Clients(AwsTarget(region=sandbox.region)), AccountInRegion(account=ACCOUNT, region=REGION))
