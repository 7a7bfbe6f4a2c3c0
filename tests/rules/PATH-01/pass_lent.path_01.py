"""The instance has no profile, and the role that Default Host Management lends has all that sessions need."""

from tests.rules.builders_live import instance
from tests.rules.builders_paths import lent_to

NODE = instance(tags={}, ping="ConnectionLost", profile=None, role=None)

ACCOUNT = lent_to([NODE])  # expect: PATH-01 passed instance/i-00000000000000001
