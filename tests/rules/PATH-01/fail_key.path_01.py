"""The policies of the keys allow nobody anything."""

from tests.rules.builders import statement
from tests.rules.builders_live import live_keys
from tests.rules.builders_paths import path

REFUSING = statement(effect="Deny", actions=["s3:PutObject"], resources=["*"], principals={"*": ["*"]})

ACCOUNT = path(
    keys=live_keys(statements=[REFUSING]),  # expect: PATH-01 failed high instance/i-00000000000000001
)
