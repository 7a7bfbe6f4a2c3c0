"""Operators may tag what they launch, or with other tags than the one that bounds them; a tagger starts no sessions."""

from tests.rules.builders_people import allow, deny, good, role, staffed

TAG = ["ec2:CreateTags"]
AT_LAUNCH = allow(TAG, conditions={"StringEquals": {"ec2:CreateAction": ["RunInstances"]}})
NOT_THIS_TAG = deny(TAG, conditions={"ForAnyValue:StringEquals": {"aws:TagKeys": ["env"]}})
OTHER_VALUE = allow(TAG, conditions={"StringEquals": {"aws:RequestTag/env": ["sandbox"]}})

ACCOUNT = staffed(
    role(*good(), AT_LAUNCH),  # expect: OPER-07 passed role/operators
    role(allow(TAG), name="no-sessions", kind="other"),  # expect: OPER-07 passed role/no-sessions
    role(*good(), allow(TAG), NOT_THIS_TAG, name="guarded"),  # expect: OPER-07 passed role/guarded
    role(*good(), OTHER_VALUE, name="other"),  # expect: OPER-07 passed role/other
)
