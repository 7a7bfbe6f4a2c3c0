"""Who may use the command documents of AWS: with all documents, also if a Deny names an account, or these alone."""

from tests.rules.builders_live import arn
from tests.rules.builders_people import allow, deny, good, role, staffed

ANY = allow(["ssm:StartSession"])
PINNED = role(ANY, deny(["ssm:StartSession"], [arn("ssm", "document/AWS-StartSSHSession")]), name="pinned")
COMMANDS = allow(["ssm:StartSession"], ["arn:aws:ssm:*::document/AWS-StartNonInteractiveCommand"])

ACCOUNT = staffed(
    role(ANY),  # expect: OPER-04 failed high role/operators
    PINNED,  # expect: OPER-04 failed high role/pinned
    role(*good(), COMMANDS, name="commands"),  # expect: OPER-04 failed high role/commands
)
