"""Operators may end and resume their own sessions alone."""

from tests.rules.builders_people import role, staffed

ACCOUNT = staffed(
    role(),  # expect: OPER-03 passed role/operators
)
