"""The node's role has what the agent needs, but neither the stores nor the keys."""

from tests.rules.builders_paths import AGENT, node_role, path

ACCOUNT = path(
    roles=[node_role(AGENT)],  # expect: PATH-01 failed high instance/i-00000000000000001
)
