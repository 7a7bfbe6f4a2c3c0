"""Users of sessions have no sudo, or are not there and will get none; Windows knows no sudo."""

from tests.rules.builders_hosts import evidence, host, missing, windows

ABSENT_USERS = [missing(), missing("session")]

ACCOUNT = evidence(
    host(1),  # expect: HOST-02 passed i-00000000000000001 (inside)
    host(2, identities=ABSENT_USERS),  # expect: HOST-02 passed i-00000000000000002 (inside)
    windows(3),  # expect: HOST-02 not_applicable i-00000000000000003 (inside)
)
