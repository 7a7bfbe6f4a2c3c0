"""A node whose agent is recent and online, and a stopped one."""

from tests.rules.builders_live import instance
from tests.rules.builders_snapshot import partly_read

ACCOUNT = partly_read(
    instances=[
        instance(1),  # expect: HOST-01 passed instance/i-00000000000000001
        instance(
            2,
            ping="ConnectionLost",
            state="stopped",  # expect: HOST-01 not_applicable instance/i-00000000000000002
        ),
    ],
)
