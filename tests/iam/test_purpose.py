from typing import Any

import pytest

from ssm_hardening.core.values import Items, Known
from ssm_hardening.iam.analysis import trusted_services
from tests.iam.shapes import AT, GAP, policy


def trusting(service: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": service}}


@pytest.mark.parametrize("unread", [trusting(GAP), GAP])
def test_a_service_that_is_known_is_told_beside_one_that_is_not(unread: Any) -> None:
    found = trusted_services(policy(trusting("ec2.amazonaws.com"), unread), AT)
    assert isinstance(found, Known)
    assert found.value == Items((Known("ec2.amazonaws.com", AT),), GAP)


@pytest.mark.parametrize("unread", [trusting(GAP), GAP])
def test_where_no_service_is_known_the_list_is_not(unread: Any) -> None:
    assert trusted_services(policy(unread), AT) == GAP


def test_a_trust_policy_for_people_names_no_service() -> None:
    people = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}}
    assert trusted_services(policy(people), AT) == Known(Items((), None), AT)
