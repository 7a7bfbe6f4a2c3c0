"""The default version of the preferences is an older one, and nobody may compare them."""

from tests.rules.builders_live import live_preferences
from tests.rules.builders_snapshot import denied, partly_read

ACCOUNT = partly_read(
    session_documents=[
        live_preferences(
            default_version="2",
            versions_agree=denied("ssm:GetDocument"),  # expect: PREF-09 undecided document/SSM-SessionManagerRunShell
        ),
    ],
)
