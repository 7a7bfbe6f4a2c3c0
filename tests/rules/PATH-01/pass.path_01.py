"""Every link from the node to its recordings holds."""

from tests.rules.builders_paths import path

ACCOUNT = path()  # expect: PATH-01 passed instance/i-00000000000000001
