"""The names resolve, and the agents are connected: privately, or over public addresses."""

from tests.rules.builders_hosts import connection, evidence, host, resolved

PUBLIC = connection("52.119.193.101")
NAMES = [resolved("ssm", ("52.94.236.248",)), resolved("ssmmessages", ("52.119.193.101",))]

ACCOUNT = evidence(
    host(1),  # expect: NET-03 passed i-00000000000000001 (inside)
    host(2, connections=[PUBLIC], names=NAMES),  # expect: NET-03 passed i-00000000000000002 (inside)
)
