"""The agents were silent, or not all that they talk to could be read."""

from tests.rules.builders_hosts import connection, evidence, host, unreadable
from tests.rules.builders_snapshot import incomplete

METADATA = connection("169.254.169.254", 80, private=True)
SOME = incomplete(unreadable(), connection())
PORTLESS = connection("10.0.0.1", unreadable())

ACCOUNT = evidence(
    host(1, connections=[]),  # expect: NET-02 undecided i-00000000000000001 (inside)
    host(2, connections=SOME),  # expect: NET-02 undecided i-00000000000000002 (inside)
    host(3, connections=[METADATA]),  # expect: NET-02 undecided i-00000000000000003 (inside)
    host(4, connections=[PORTLESS]),  # expect: NET-02 undecided i-00000000000000004 (inside)
)
