"""Operators may tag what they launch, or with other keys than the one that bounds them; a tagger starts no sessions."""

from tests.rules.builders_people import allow, deny, good, role, staffed

TAG = ["ec2:CreateTags"]
AT_LAUNCH = allow(TAG, conditions={"StringEquals": {"ec2:CreateAction": ["RunInstances"]}})
NOT_THIS_TAG = deny(TAG, conditions={"ForAnyValue:StringEquals": {"aws:TagKeys": ["env"]}})

ACCOUNT = staffed(
    role(*good(), AT_LAUNCH),  # expect: OPER-07 passed role/operators
    role(allow(TAG), name="no-sessions", kind="other"),  # expect: OPER-07 passed role/no-sessions
    role(*good(), allow(TAG), NOT_THIS_TAG, name="guarded"),  # expect: OPER-07 passed role/guarded
)
