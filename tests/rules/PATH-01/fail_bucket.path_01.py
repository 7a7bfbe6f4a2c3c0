"""The bucket refuses whatever is written into it."""

from tests.rules.builders import statement
from tests.rules.builders_live import live_bucket
from tests.rules.builders_paths import path

REFUSING = statement(effect="Deny", actions=["s3:PutObject"], resources=["*"], principals={"*": ["*"]})
BUCKET = live_bucket(replicates_to=[], access_points=[], statements=[REFUSING])

ACCOUNT = path(
    log_buckets=[BUCKET],  # expect: PATH-01 failed high instance/i-00000000000000001
)
