"""A role that nobody may assume by its trust policy; Identity Center may have made it for people."""

from tests.rules.builders_people import role, staffed, withheld

ACCOUNT = staffed(
    role(trust=[], form=withheld("iam:GetRole")),  # expect: OPER-02 undecided role/operators
)
