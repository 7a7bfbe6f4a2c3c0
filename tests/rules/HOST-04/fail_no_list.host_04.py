"""The agent's list of refused addresses is no list, so that it refuses none."""

from tests.rules.builders_hosts import configured, inside

LIST = "DeniedPortForwardingRemoteIPs"

ACCOUNT = inside(
    configured(1, {"Mgs": {LIST: "x"}}),  # expect: HOST-04 failed high i-00000000000000001 (inside)
    configured(2, {"Mgs": {LIST: 0}}),  # expect: HOST-04 failed high i-00000000000000002 (inside)
    configured(3, {"Mgs": {LIST: True}}),  # expect: HOST-04 failed high i-00000000000000003 (inside)
)
