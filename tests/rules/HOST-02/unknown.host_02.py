"""The probe ran as a user who may not ask for sudo."""

from tests.rules.builders_hosts import evidence, host, identity, unreadable
from tests.rules.builders_snapshot import incomplete

REFUSED = incomplete(unreadable("sudo was asked by a user who may not"))
USER = identity(sudo=REFUSED)

ACCOUNT = evidence(
    host(
        elevated=False,
        identities=[USER],  # expect: HOST-02 undecided i-00000000000000001 (inside)
        sudo_files=REFUSED,
    ),
)
