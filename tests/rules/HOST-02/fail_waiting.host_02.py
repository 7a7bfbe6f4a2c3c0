"""The user of sessions is not there yet, and sudo waits for it."""

from tests.rules.builders_hosts import DROP_IN, EVERYTHING, evidence, host, missing, sudo_file

FILES = [sudo_file(), sudo_file(DROP_IN, grants=[EVERYTHING])]

ACCOUNT = evidence(
    host(identities=[missing()], sudo_files=FILES),  # expect: HOST-02 failed high i-00000000000000001 (inside)
)
