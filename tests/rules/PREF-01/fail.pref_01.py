"""No preferences, and neither nodes nor sessions were read."""

from tests.rules.builders_live import live_preferences
from tests.rules.builders_snapshot import early, place_of

ACCOUNT = early(
    at=place_of(live_preferences()),
    session_documents=[],  # expect: PREF-01 failed account
)
