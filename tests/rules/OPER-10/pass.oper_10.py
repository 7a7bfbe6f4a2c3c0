"""Operators have no other way to a shell."""

from tests.rules.builders_people import role, staffed

ACCOUNT = staffed(
    role(),  # expect: OPER-10 passed role/operators
)
