"""Without preferences no shell is recorded, whether it names the document or not."""

from tests.rules.builders_live import NOWHERE, session
from tests.rules.builders_snapshot import partly_read

ACCOUNT = partly_read(
    session_documents=[],
    sessions=[
        session(1, **NOWHERE),  # expect: REC-01 failed high alex-00000000000000001
        session(
            2,
            document="SSM-SessionManagerRunShell",  # expect: REC-01 failed high alex-00000000000000002
            **NOWHERE,
        ),
    ],
)
