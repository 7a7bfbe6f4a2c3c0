"""One policy of the operators may not be read."""

from tests.rules.builders_people import partly, role, staffed

ACCOUNT = staffed(
    role(statements=partly()),  # expect: OPER-05 undecided role/operators
)
