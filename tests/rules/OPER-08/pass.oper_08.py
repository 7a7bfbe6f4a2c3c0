"""Operators have what a session needs, and assume their role with MFA or come from Identity Center."""

from tests.rules.builders_people import role, staffed

ACCOUNT = staffed(
    role(),  # expect: OPER-08 passed role/operators
    role(name="centre", trust=[], form="permission-set"),  # expect: OPER-08 passed role/centre
)
