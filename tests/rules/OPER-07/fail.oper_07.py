"""Ways to more: the tag that opens nodes, a stronger role for a node, one's own policies, the tag of Run As."""

from tests.rules.builders_people import allow, good, role, staffed

DEPLOYER = role(allow(["iam:PassRole", "ec2:AssociateIamInstanceProfile"]), name="deployer", kind="other")
THIS_TAG = allow(["ec2:CreateTags"], conditions={"StringEquals": {"aws:RequestTag/env": ["dev", "sandbox"]}})

ACCOUNT = staffed(
    role(*good(), allow(["ec2:CreateTags"])),  # expect: OPER-07 failed high role/operators
    DEPLOYER,  # expect: OPER-07 failed high role/deployer
    role(allow(["iam:PutRolePolicy"]), name="policies", kind="other"),  # expect: OPER-07 failed high role/policies
    role(*good(), allow(["iam:TagRole"]), name="tagger"),  # expect: OPER-07 failed high role/tagger
    role(*good(), THIS_TAG, name="dev"),  # expect: OPER-07 failed high role/dev
)
