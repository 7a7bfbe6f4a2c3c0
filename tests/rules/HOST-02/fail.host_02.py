"""Users of sessions may do everything by sudo: without a password, or as a member of wheel."""

from tests.rules.builders_hosts import DROP_IN, EVERYTHING, evidence, host, identity, sudo_file

SUDO = identity(sudo=["(ALL) NOPASSWD: ALL"])
WHEEL = identity(groups=["ssm-user", "wheel"], sudo=["(ALL) ALL"])
FILES = [sudo_file(), sudo_file(DROP_IN, grants=[EVERYTHING])]

ACCOUNT = evidence(
    host(1, identities=[SUDO], sudo_files=FILES),  # expect: HOST-02 failed high i-00000000000000001 (inside)
    host(2, identities=[WHEEL], sudo_files=[sudo_file()]),  # expect: HOST-02 failed high i-00000000000000002 (inside)
)
