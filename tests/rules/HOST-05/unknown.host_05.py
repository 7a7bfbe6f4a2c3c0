"""Nodes of which one part is not known, and a PowerShell whose version is none."""

from tests.rules.builders import unknown
from tests.rules.builders_hosts import host, inside, windows

ACCOUNT = inside(
    host(1, script=unknown()),  # expect: HOST-05 undecided i-00000000000000001 (inside)
    host(2, platform=unknown()),  # expect: HOST-05 undecided i-00000000000000002 (inside)
    windows(3, powershell="new"),  # expect: HOST-05 undecided i-00000000000000003 (inside)
    windows(4, transcription=unknown()),  # expect: HOST-05 undecided i-00000000000000004 (inside)
    host(
        5,
        session_logs=unknown(),  # expect: HOST-05 undecided i-00000000000000005 (inside)
        session_logs_days=unknown(),
    ),
    host(6, session_logs=4),  # expect: HOST-05 undecided i-00000000000000006 (inside)
)
