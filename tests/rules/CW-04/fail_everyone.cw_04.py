"""A resource policy of CloudWatch Logs names everyone, and no condition limits it."""

from tests.rules.builders import statement
from tests.rules.builders_live import live_group
from tests.rules.builders_readers import quiet_account

EVERYONE = statement(actions=["logs:*"], resources=["*"], principals={"*": ["*"]})

ACCOUNT = quiet_account(
    log_buckets=[],
    log_groups=[
        live_group(copied_to=[], statements=[EVERYONE])
    ],  # expect: CW-04 failed medium log-group:/example/sessions
    keys=[],
)
