"""No preferences, and nobody may see whether there are nodes."""

from tests.rules.builders_snapshot import partly_read, refused

ACCOUNT = partly_read(
    session_documents=[],
    instances=refused("ec2:DescribeInstances"),  # expect: RUNAS-01 undecided document/SSM-SessionManagerRunShell
    sessions=[],
)
