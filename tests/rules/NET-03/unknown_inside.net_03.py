"""Names that were not read, or no connection to tell by."""

from tests.rules.builders_hosts import evidence, host, resolved, unreadable
from tests.rules.builders_snapshot import incomplete

NAMES = [resolved("ssm", ("10.0.1.11",)), resolved("ssmmessages", unreadable())]

ACCOUNT = evidence(
    host(1, names=incomplete(unreadable())),  # expect: NET-03 undecided i-00000000000000001 (inside)
    host(2, connections=[]),  # expect: NET-03 undecided i-00000000000000002 (inside)
    host(3, names=[]),  # expect: NET-03 undecided i-00000000000000003 (inside)
    host(4, names=NAMES),  # expect: NET-03 undecided i-00000000000000004 (inside)
)
