"""The name of the data channels resolves to nothing."""

from tests.rules.builders_hosts import evidence, host, resolved

NAMES = [resolved("ssm", ("10.0.1.11",)), resolved("ssmmessages", ())]

ACCOUNT = evidence(
    host(names=NAMES),  # expect: NET-03 failed high i-00000000000000001 (inside)
)
