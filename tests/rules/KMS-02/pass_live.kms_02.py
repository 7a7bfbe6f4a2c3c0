"""The keys of sessions, bucket and log group are enabled."""

from tests.rules.builders_live import live_keys
from tests.rules.builders_snapshot import partly_read

ACCOUNT = partly_read(
    keys=live_keys(),  # expect: KMS-02 passed key/11111111-2222-3333-4444-555555555555
    # expect: KMS-02 passed key/22222222-2222-3333-4444-555555555555
    # expect: KMS-02 passed key/33333333-2222-3333-4444-555555555555
)
