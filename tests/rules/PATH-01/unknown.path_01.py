"""The node's role was not read."""

from tests.rules.builders import gap
from tests.rules.builders_paths import path
from tests.rules.builders_snapshot import incomplete

ACCOUNT = path(
    roles=incomplete(gap()),  # expect: PATH-01 undecided instance/i-00000000000000001
)
