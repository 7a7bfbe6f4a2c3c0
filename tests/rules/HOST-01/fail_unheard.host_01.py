"""Systems Manager never heard of the node's agent."""

from tests.rules.builders_live import instance
from tests.rules.builders_snapshot import partly_read

UNHEARD = instance(agent_version=None, agent_latest=None, ping=None, connected=False)

ACCOUNT = partly_read(
    instances=[UNHEARD],  # expect: HOST-01 failed low instance/i-00000000000000001
)
