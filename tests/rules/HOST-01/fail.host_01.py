"""One node's agent is too old, the other's was lost."""

from tests.rules.builders_live import instance
from tests.rules.builders_snapshot import partly_read

ACCOUNT = partly_read(
    instances=[
        instance(1, agent_version="3.1.1732.0"),  # expect: HOST-01 failed high instance/i-00000000000000001
        instance(2, ping="ConnectionLost"),  # expect: HOST-01 failed medium instance/i-00000000000000002
    ],
)
