"""The agent is connected to an address of ssmmessages, but not to the port of its endpoint."""

from tests.rules.builders_hosts import connection, evidence, host

ACCOUNT = evidence(
    host(connections=[connection(port=80)]),  # expect: NET-03 undecided i-00000000000000001 (inside)
)
