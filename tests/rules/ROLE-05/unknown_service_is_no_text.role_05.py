"""A recorded trust policy has something else than a text among the services that may assume the role."""

from tests.rules.builders_people import role, staffed, trust

ODD = trust(principals={"Service": ["ec2.amazonaws.com", True]})

ACCOUNT = staffed(
    role(name="odd", kind="node", trust=[ODD]),  # expect: ROLE-05 undecided role/odd
)
