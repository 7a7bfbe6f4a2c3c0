"""Users of sessions are no administrators, in a workgroup, on a controller or in a domain; Linux knows none."""

from tests.rules.builders_hosts import evidence, host, missing, windows

ACCOUNT = evidence(
    windows(1),  # expect: HOST-03 passed i-00000000000000001 (inside)
    windows(
        2,
        domain="controller",
        identities=[missing()],  # expect: HOST-03 passed i-00000000000000002 (inside)
    ),
    windows(3, domain="member"),  # expect: HOST-03 passed i-00000000000000003 (inside)
    host(4),  # expect: HOST-03 not_applicable i-00000000000000004 (inside)
)
