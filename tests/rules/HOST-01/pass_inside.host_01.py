"""Recent agents run on a Linux and on a Windows machine."""

from tests.rules.builders_hosts import evidence, host, windows

ACCOUNT = evidence(
    host(1),  # expect: HOST-01 passed i-00000000000000001 (inside)
    windows(2, service="Running"),  # expect: HOST-01 passed i-00000000000000002 (inside)
)
