"""Operators may start sessions under every document; to deny one does not keep them from others."""

from tests.rules.builders_live import arn
from tests.rules.builders_people import allow, deny, role, staffed

ANY = allow(["ssm:StartSession"])
PINNED = role(ANY, deny(["ssm:StartSession"], [arn("ssm", "document/AWS-StartSSHSession")]), name="pinned")

ACCOUNT = staffed(
    role(ANY),  # expect: OPER-04 failed high role/operators
    PINNED,  # expect: OPER-04 failed high role/pinned
)
