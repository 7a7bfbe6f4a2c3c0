"""One policy of the operators may not be read: it could only deny what the other allows."""

from tests.rules.builders_people import allow, partly, role, staffed

ACCOUNT = staffed(
    role(statements=partly(allow(["ssm:StartSession"]))),  # expect: OPER-01 failed role/operators
)
