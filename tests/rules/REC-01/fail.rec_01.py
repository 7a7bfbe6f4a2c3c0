"""Sessions that ended without a recording, in one store or in both."""

from tests.rules.builders_live import NOWHERE, live_preferences, session
from tests.rules.builders_snapshot import denied, partly_read

ACCOUNT = partly_read(
    session_documents=[live_preferences()],
    sessions=[
        session(1),  # expect: REC-01 passed alex-00000000000000001
        session(2, recording_stream=None),  # expect: REC-01 failed medium alex-00000000000000002
        session(3, **NOWHERE),  # expect: REC-01 failed high alex-00000000000000003
        session(4, document="AWS-StartSSHSession", **NOWHERE),  # expect: REC-01 not_applicable alex-00000000000000004
        session(5, ended=None, status="Connected", **NOWHERE),  # expect: REC-01 not_applicable alex-00000000000000005
        session(6, recording_object=denied("s3:ListBucket")),  # expect: REC-01 undecided alex-00000000000000006
    ],
)
