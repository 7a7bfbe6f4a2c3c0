"""Nodes of which one part could not be read: some administrators, the domain, the users, the platform."""

from tests.rules.builders_hosts import among, evidence, missing, unreadable, windows

REFUSED = unreadable("sudo was asked by a user who may not")
SOME = among(REFUSED, "EXAMPLE\\Administrator")

ACCOUNT = evidence(
    windows(1, administrators=SOME),  # expect: HOST-03 undecided i-00000000000000001 (inside)
    windows(2, domain=REFUSED, identities=[missing()]),  # expect: HOST-03 undecided i-00000000000000002 (inside)
    windows(3, identities=[]),  # expect: HOST-03 undecided i-00000000000000003 (inside)
    windows(4, platform=REFUSED),  # expect: HOST-03 undecided i-00000000000000004 (inside)
)
