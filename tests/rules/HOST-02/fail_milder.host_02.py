"""The agent would make its user root, a user may run one command as another, others may read the sudo file."""

from tests.rules.builders_hosts import DROP_IN, evidence, host, identity, missing, sudo_file

PSQL = identity(sudo=["(postgres) NOPASSWD: /usr/bin/psql"])
READABLE = sudo_file(DROP_IN, mode="0640", grants=["Defaults:ssm-user requiretty"])

ACCOUNT = evidence(
    host(
        1,
        identities=[missing()],
        sudo_files=[sudo_file()],  # expect: HOST-02 failed medium i-00000000000000001 (inside)
    ),
    host(2, identities=[PSQL]),  # expect: HOST-02 failed medium i-00000000000000002 (inside)
    host(3, sudo_files=[READABLE]),  # expect: HOST-02 failed low i-00000000000000003 (inside)
)
