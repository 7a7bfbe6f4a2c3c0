"""The user of sessions is a local administrator, as the agent makes it."""

from tests.rules.builders_hosts import evidence, windows

ADMINISTRATORS = ["EXAMPLE\\Administrator", "EXAMPLE\\ssm-user"]

ACCOUNT = evidence(
    windows(administrators=ADMINISTRATORS),  # expect: HOST-03 failed high i-00000000000000001 (inside)
)
