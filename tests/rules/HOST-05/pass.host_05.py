"""Nodes that have what recordings are made with; macOS needs no screen, and files of two days may wait."""

from tests.rules.builders_hosts import host, inside, windows

ACCOUNT = inside(
    host(1),  # expect: HOST-05 passed i-00000000000000001 (inside)
    windows(2),  # expect: HOST-05 passed i-00000000000000002 (inside)
    host(3, platform="macOS", screen=None),  # expect: HOST-05 passed i-00000000000000003 (inside)
    host(4, session_logs=3, session_logs_days=2),  # expect: HOST-05 passed i-00000000000000004 (inside)
)
