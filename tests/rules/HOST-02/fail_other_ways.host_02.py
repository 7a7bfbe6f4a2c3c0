"""Users of sessions are root by docker, by their uid, or by a sudoers file that others may write or own."""

from tests.rules.builders_hosts import evidence, host, identity, sudo_file

DOCKER = identity(groups=["ssm-user", "docker"])
ROOT = identity(uid=0, gid=0)
WRITABLE, OWNED = sudo_file(mode="0646"), sudo_file(owner=1001)

ACCOUNT = evidence(
    host(1, identities=[DOCKER]),  # expect: HOST-02 failed high i-00000000000000001 (inside)
    host(2, identities=[ROOT]),  # expect: HOST-02 failed high i-00000000000000002 (inside)
    host(3, sudo_files=[WRITABLE]),  # expect: HOST-02 failed high i-00000000000000003 (inside)
    host(4, sudo_files=[OWNED]),  # expect: HOST-02 failed high i-00000000000000004 (inside)
)
