"""Nodes of which one part could not be read: a user's groups, the platform, the users, the sudoers files."""

from tests.rules.builders_hosts import among, evidence, host, identity, missing, sudo_file, unreadable
from tests.rules.builders_snapshot import incomplete

REFUSED = unreadable("sudo was asked by a user who may not")
MEMBER = identity(groups=among(REFUSED, "ssm-user"))
FILES = incomplete(REFUSED, sudo_file())

ACCOUNT = evidence(
    host(1, identities=[MEMBER]),  # expect: HOST-02 undecided i-00000000000000001 (inside)
    host(2, platform=REFUSED),  # expect: HOST-02 undecided i-00000000000000002 (inside)
    host(3, identities=[identity("session")]),  # expect: HOST-02 undecided i-00000000000000003 (inside)
    host(4, sudo_files=FILES),  # expect: HOST-02 undecided i-00000000000000004 (inside)
    host(5, identities=[missing()], sudo_files=FILES),  # expect: HOST-02 undecided i-00000000000000005 (inside)
)
