"""One agent is connected to a port other than 443; on the other node a session's worker is."""

from tests.rules.builders_hosts import connection, evidence, host

PROXY = connection("198.51.100.7", 8080)
TUNNEL = connection("10.0.3.9", 5432, process="ssm-session-wor")

ACCOUNT = evidence(
    host(1, connections=[connection(), PROXY]),  # expect: NET-02 failed high i-00000000000000001 (inside)
    host(2, connections=[connection(), TUNNEL]),  # expect: NET-02 failed low i-00000000000000002 (inside)
)
