"""The probe could not read the group of administrators."""

from tests.rules.builders_hosts import evidence, unreadable, windows

GROUP = unreadable("the group could not be read")

ACCOUNT = evidence(
    windows(administrators=GROUP),  # expect: HOST-03 undecided i-00000000000000001 (inside)
)
