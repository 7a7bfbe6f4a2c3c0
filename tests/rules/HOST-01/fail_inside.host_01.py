"""Agents that are too old, stopped, not there, or not started with the machine."""

from tests.rules.builders_hosts import evidence, host

ACCOUNT = evidence(
    host(1, agent_version="3.1.1732.0"),  # expect: HOST-01 failed high i-00000000000000001 (inside)
    host(2, service="stopped", autostart=False),  # expect: HOST-01 failed medium i-00000000000000002 (inside)
    host(
        3,
        agent_version=None,  # expect: HOST-01 failed low i-00000000000000003 (inside)
        service=None,
        autostart=None,
    ),
    host(4, autostart=False),  # expect: HOST-01 failed medium i-00000000000000004 (inside)
)
