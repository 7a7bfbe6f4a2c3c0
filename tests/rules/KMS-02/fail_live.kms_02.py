"""The key of the sessions is disabled."""

from tests.rules.builders import key
from tests.rules.builders_live import KEYS, PREFERENCES
from tests.rules.builders_snapshot import partly_read

ACCOUNT = partly_read(
    keys=[
        key(
            address=KEYS["session"],
            used_by=[PREFERENCES],
            enabled=False,  # expect: KMS-02 failed high key/11111111-2222-3333-4444-555555555555
        ),
    ],
)
