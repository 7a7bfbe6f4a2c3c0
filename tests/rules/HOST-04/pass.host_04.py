"""Agents without a file, with AWS's own addresses denied to tunnels, and with a file of the system's."""

from tests.rules.builders_hosts import configured, host, inside, windows

DENIED = [
    *("169.254.169.254", "fd00:ec2::254", "169.254.169.253", "fd00:ec2::253", "169.254.169.123", "fd00:ec2::123"),
    *("169.254.169.250", "169.254.169.251", "fd00:ec2::250"),
]
CONFIG = {"Mgs": {"DeniedPortForwardingRemoteIPs": DENIED, "Endpoint": ""}, "Agent": {"ContainerMode": False}}

ACCOUNT = inside(
    host(1),  # expect: HOST-04 passed i-00000000000000001 (inside)
    configured(2, CONFIG),  # expect: HOST-04 passed i-00000000000000002 (inside)
    windows(
        3,
        config={},
        config_path="C:\\Program Files\\Amazon\\SSM\\amazon-ssm-agent.json",
        config_owner="NT AUTHORITY\\SYSTEM",
        config_writers=[],  # expect: HOST-04 passed i-00000000000000003 (inside)
    ),
)
