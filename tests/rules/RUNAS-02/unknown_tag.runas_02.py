"""Nobody may read the tags of the operators' role."""

from tests.rules.builders_live import live_preferences
from tests.rules.builders_people import role, staffed, withheld

OPERATORS = role(tags=withheld("iam:ListRoleTags"))

ACCOUNT = staffed(
    OPERATORS,  # expect: RUNAS-02 undecided document/SSM-SessionManagerRunShell
    session_documents=[live_preferences()],
)
