"""The agents are connected to port 443 alone, one at a public address; the metadata service does not count."""

from tests.rules.builders_hosts import connection, evidence, host, resolved

PUBLIC, METADATA = connection("52.119.193.101"), connection("169.254.169.254", 80, private=True)
NAMES = [resolved("ssmmessages", ("52.119.193.101",))]

ACCOUNT = evidence(
    host(1),  # expect: NET-02 passed i-00000000000000001 (inside)
    host(2, connections=[PUBLIC, METADATA], names=NAMES),  # expect: NET-02 passed i-00000000000000002 (inside)
)
