"""A tag makes the sessions of the operators root's."""

from tests.rules.builders_live import live_preferences
from tests.rules.builders_people import role, staffed

OPERATORS = role(tags={"SSMSessionRunAs": "root"})

ACCOUNT = staffed(
    OPERATORS,  # expect: RUNAS-02 failed document/SSM-SessionManagerRunShell
    session_documents=[live_preferences()],
)
