"""The user of sessions is a local administrator of a German Windows, in another spelling."""

from tests.rules.builders_hosts import evidence, windows

ACCOUNT = evidence(
    windows(
        administrators=["RECHNER\\Administrator", "RECHNER\\SSM-User"],
        administrators_name="Administratoren",  # expect: HOST-03 failed high i-00000000000000001 (inside)
    ),
)
