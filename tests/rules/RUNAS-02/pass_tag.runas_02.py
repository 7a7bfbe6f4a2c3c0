"""A tag makes the sessions of the operators those of a plain user."""

from tests.rules.builders_live import live_preferences
from tests.rules.builders_people import role, staffed

OPERATORS = role(tags={"SSMSessionRunAs": "alex"})

ACCOUNT = staffed(
    OPERATORS,  # expect: RUNAS-02 passed document/SSM-SessionManagerRunShell
    session_documents=[live_preferences()],
)
