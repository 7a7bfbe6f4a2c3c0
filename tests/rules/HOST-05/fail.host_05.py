"""Nodes that lack what recordings are made with, transcribe by themselves, or keep files of sessions for long."""

from tests.rules.builders_hosts import host, inside, windows

ACCOUNT = inside(
    host(1, script=None),  # expect: HOST-05 failed medium i-00000000000000001 (inside)
    host(2, screen=None),  # expect: HOST-05 failed low i-00000000000000002 (inside)
    windows(3, powershell="4.0"),  # expect: HOST-05 failed medium i-00000000000000003 (inside)
    windows(4, transcription=True),  # expect: HOST-05 failed medium i-00000000000000004 (inside)
    host(
        5,
        session_logs=40,
        session_logs_days=90,  # expect: HOST-05 failed low i-00000000000000005 (inside)
    ),
)
