"""Nobody blocked public sharing: the setting holds AWS's default."""

from tests.rules.builders import known
from tests.rules.builders_live import SHARING, setting
from tests.rules.builders_snapshot import partly_read

ACCOUNT = partly_read(
    settings=[setting(SHARING, known("Enable", defaulted=True))],  # expect: ACCT-01 failed high account
)
