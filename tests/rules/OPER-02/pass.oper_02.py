"""Operators may use the preferences alone, and the access check is asked for."""

from tests.rules.builders_people import role, staffed

ACCOUNT = staffed(
    role(),  # expect: OPER-02 passed role/operators
)
