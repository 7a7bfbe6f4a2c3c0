import pytest

from ssm_hardening.remediation.advice import Picture, checks
from ssm_hardening.remediation.changes import Part, Phase


@pytest.mark.parametrize(
    ("part", "needs_keys"),
    [(Part.BUCKET_KEY, True), (Part.LOGS_KEY, True), (Part.SESSION_KEY, False), (Part.PREFERENCES, False)],
)
def test_stores_wait_for_the_keys_that_they_use(part: Part, needs_keys: bool) -> None:  # noqa: FBT001
    picture = Picture(settings=frozenset(), parts=frozenset({part}), effects=frozenset())
    assert any("keys of the earlier stage" in each for each in checks(Phase.STORES, picture)) is needs_keys
