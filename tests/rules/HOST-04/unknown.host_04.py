"""Nobody knows the agent's file or its mode, or what a value of another type makes of it."""

from tests.rules.builders import unknown
from tests.rules.builders_hosts import configured, host, inside

ODD_MODE = {"Agent": {"ContainerMode": "yes"}}
ODD_ENDPOINT = {"Mgs": {"Endpoint": 7}}

ACCOUNT = inside(
    host(
        1,
        config=unknown(),  # expect: HOST-04 undecided i-00000000000000001 (inside)
        config_path=unknown(),
        config_owner=unknown(),
        config_mode=unknown(),
    ),
    configured(2, {}, config_mode=unknown()),  # expect: HOST-04 undecided i-00000000000000002 (inside)
    configured(3, ODD_MODE),  # expect: HOST-04 undecided i-00000000000000003 (inside)
    configured(4, ODD_ENDPOINT),  # expect: HOST-04 undecided i-00000000000000004 (inside)
)
