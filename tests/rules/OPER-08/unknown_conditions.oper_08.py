"""The conditions under which the operators start sessions may not be read; they may ask for MFA."""

from tests.rules.builders_people import NODES, allow, role, staffed, trust, withheld

START = allow(["ssm:StartSession"], NODES, conditions=withheld())

ACCOUNT = staffed(
    role(START, trust=[trust(conditions=None)]),  # expect: OPER-08 undecided role/operators
)
