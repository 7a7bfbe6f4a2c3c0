"""Whoever assumes the operators' role may call the session as they like."""

from tests.rules.builders_people import role, staffed, trust

ACCOUNT = staffed(
    role(trust=[trust(conditions=None)]),  # expect: OPER-09 failed medium role/operators
)
