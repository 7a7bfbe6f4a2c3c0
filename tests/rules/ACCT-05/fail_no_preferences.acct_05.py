"""A session under AWS's defaults, recorded nowhere."""

from tests.rules.builders_live import session
from tests.rules.builders_snapshot import partly_read

ACCOUNT = partly_read(
    session_documents=[],
    sessions=[session(recording_object=None, recording_stream=None)],  # expect: ACCT-05 failed medium account
)
