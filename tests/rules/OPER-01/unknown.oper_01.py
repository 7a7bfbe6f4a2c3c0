"""The permissions boundary of the operators may not be read; it may leave out what their policy allows."""

from tests.rules.builders_people import allow, partly, role, staffed

ACCOUNT = staffed(
    role(  # expect: OPER-01 undecided role/operators
        allow(["ssm:StartSession"]), boundary="arn:aws:iam::111122223333:policy/limit", boundary_statements=partly()
    ),
)
