import pytest

from ssm_hardening.remediation.advice import Picture, checks
from ssm_hardening.remediation.changes import Part, Phase
from ssm_hardening.remediation.plan import ManualStep


@pytest.mark.parametrize(
    ("part", "needs_keys"),
    [(Part.BUCKET_KEY, True), (Part.LOGS_KEY, True), (Part.SESSION_KEY, False), (Part.PREFERENCES, False)],
)
def test_stores_wait_for_the_keys_that_they_use(part: Part, needs_keys: bool) -> None:  # noqa: FBT001
    picture = Picture(settings=frozenset(), parts=frozenset({part}), effects=frozenset())
    assert any("keys of the earlier stage" in each for each in checks(Phase.STORES, picture)) is needs_keys


@pytest.mark.parametrize(
    ("what", "why", "how"),
    [
        ("web: port 22 is open", "ask who uses the port", "ask who uses the port"),
        ("web: port 22 is open", "", "web: port 22 is open"),
        ("web: remove the policy", "other uses are unknown", "web: remove the policy"),
    ],
)
def test_a_manual_step_says_what_to_do_not_the_finding_again(what: str, why: str, how: str) -> None:
    assert ManualStep(what=what, why=why, at="main.tf:3", closes=("NET-01",)).how(["port 22 is open"]) == how
