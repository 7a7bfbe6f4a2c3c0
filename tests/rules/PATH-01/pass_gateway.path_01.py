"""The gateway endpoint of S3, whose policy lets nothing be uploaded, is in the route table of another subnet."""

from tests.rules.builders import statement
from tests.rules.builders_paths import endpoint, path

READING = statement(actions=["s3:GetObject"], resources=["*"], principals={"*": ["*"]})
TABLES = ["rtb-00000000000000002"]

SERVED = [endpoint("s3", kind="Gateway", route_tables=TABLES, statements=[READING])]

ACCOUNT = path(vpc_endpoints=SERVED)  # expect: PATH-01 passed instance/i-00000000000000001
