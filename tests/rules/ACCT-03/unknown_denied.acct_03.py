"""Nobody may list the rules of EventBridge."""

from tests.rules.builders_snapshot import partly_read, refused

ACCOUNT = partly_read(
    event_rules=refused("events:ListRules"),  # expect: ACCT-03 undecided account
)
