"""Rights over roles under conditions that the caller meets, that nobody meets, or that only AWS meets."""

from tests.rules.builders_people import allow, deny, role, staffed

PUT = ["iam:PutRolePolicy"]
HOME = allow(PUT, conditions={"StringEquals": {"aws:RequestedRegion": ["us-east-1"]}})
NONE = allow(PUT, conditions={"StringEquals": {"aws:RequestedRegion": ["eu-west-1"]}})
AWAY = deny(["*"], conditions={"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1"]}})
EXEMPT = deny([], not_actions=["iam:*"], conditions={"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1"]}})
OFFICE = allow(PUT, conditions={"IpAddress": {"aws:SourceIp": ["192.0.2.0/24"]}})
AGENT = allow(PUT, conditions={"StringLike": {"aws:UserAgent": ["aws-cli*"]}})
ONWARD = allow(PUT, conditions={"Bool": {"aws:ViaAWSService": ["true"]}})
DIRECT = allow(PUT, conditions={"Bool": {"aws:ViaAWSService": ["false"]}})

ACCOUNT = staffed(
    role(HOME, name="home"),  # expect: OPER-07 failed high role/home
    role(NONE, name="none"),  # expect: OPER-07 passed role/none
    role(allow(PUT), AWAY, name="away"),  # expect: OPER-07 passed role/away
    role(allow(PUT), EXEMPT, name="exempt"),  # expect: OPER-07 failed high role/exempt
    role(OFFICE, name="office"),  # expect: OPER-07 failed high role/office
    role(AGENT, name="agent"),  # expect: OPER-07 failed high role/agent
    role(ONWARD, name="onward"),  # expect: OPER-07 undecided role/onward
    role(DIRECT, name="direct"),  # expect: OPER-07 failed high role/direct
)
