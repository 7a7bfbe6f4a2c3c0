"""The instance profile lets the agent register and nothing else, which displaces the role that would be lent."""

from tests.rules.builders_live import instance
from tests.rules.builders_paths import lent_to, node_role
from tests.rules.builders_readers import allow

NODE = instance(tags={}, ping="ConnectionLost")

ACCOUNT = lent_to(
    [NODE],  # expect: PATH-01 failed high instance/i-00000000000000001
    node_role(allow("ssm:UpdateInstanceInformation")),
)
