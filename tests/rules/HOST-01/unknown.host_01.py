"""Nobody may ask for the node's agent, nor for all nodes."""

from tests.rules.builders_live import instance
from tests.rules.builders_snapshot import denied, partly_read, refused

AGENT = denied("ssm:DescribeInstanceInformation")

ACCOUNT = partly_read(
    instances=refused(
        "ec2:DescribeInstances",  # expect: HOST-01 undecided account
        instance(agent_version=AGENT, ping=AGENT),  # expect: HOST-01 undecided instance/i-00000000000000001
    ),
)
