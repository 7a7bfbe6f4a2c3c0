"""Nobody may read the trust policy of the operators' role."""

from tests.rules.builders_people import role, staffed, withheld
from tests.rules.builders_snapshot import incomplete

ACCOUNT = staffed(
    role(trust=incomplete(withheld("iam:GetRole"))),  # expect: OPER-09 undecided role/operators
)
