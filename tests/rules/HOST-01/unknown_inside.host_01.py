"""The probe could not read one of three facts about the agent."""

from tests.rules.builders_hosts import evidence, host, unreadable

ACCOUNT = evidence(
    host(1, service=unreadable()),  # expect: HOST-01 undecided i-00000000000000001 (inside)
    host(2, autostart=unreadable()),  # expect: HOST-01 undecided i-00000000000000002 (inside)
    host(3, agent_version=unreadable()),  # expect: HOST-01 undecided i-00000000000000003 (inside)
)
