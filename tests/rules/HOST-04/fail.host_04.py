"""Agents with a setting that opens a way, or whose file somebody else than the system may write."""

from tests.rules.builders_hosts import configured, inside, windows

TUNNELS = {"Mgs": {"DeniedPortForwardingRemoteIPs": ["10.0.0.1"]}}
ENDPOINT = {"Ssm": {"Endpoint": "https://ssm.example.com"}}
CONTAINER = {"Agent": {"ContainerMode": True}}
IDENTITIES = {"Identity": {"CustomIdentities": 2}}
BY_USERS = {"config_path": "C:\\x", "config_owner": "S-1-5-32-544", "config_writers": ["EXAMPLE\\Users"]}

ACCOUNT = inside(
    configured(1, TUNNELS),  # expect: HOST-04 failed high i-00000000000000001 (inside)
    configured(2, ENDPOINT),  # expect: HOST-04 failed high i-00000000000000002 (inside)
    configured(3, CONTAINER),  # expect: HOST-04 failed high i-00000000000000003 (inside)
    configured(4, IDENTITIES),  # expect: HOST-04 failed high i-00000000000000004 (inside)
    configured(5, {}, config_mode="0666"),  # expect: HOST-04 failed high i-00000000000000005 (inside)
    configured(6, {}, config_owner="1001"),  # expect: HOST-04 failed high i-00000000000000006 (inside)
    windows(7, config={}, **BY_USERS),  # expect: HOST-04 failed high i-00000000000000007 (inside)
)
