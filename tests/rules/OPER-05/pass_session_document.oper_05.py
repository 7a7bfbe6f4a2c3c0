"""A document of type Session runs nothing as a command; nor does one runbook of AWS run what the caller chose."""

from tests.rules.builders_live import arn
from tests.rules.builders_people import NODES, PREFERENCES, allow, role, staffed

SSH = "arn:aws:ssm:*::document/AWS-StartSSHSession"
RESTART = "arn:aws:ssm:*::automation-definition/AWS-RestartEC2Instance:*"
HALF = role(
    allow(["ssm:SendCommand"], [*NODES, PREFERENCES]), allow(["ssm:CreateDocument"], [PREFERENCES]), name="half"
)
# A wildcard of a document's ARN leaves room for the ID of a node, but the ARN is none of a node.
ANYWHERE = "arn:aws:ssm:*::document/AWS-RunShellScript"

ACCOUNT = staffed(
    role(allow(["ssm:SendCommand"], [ANYWHERE]), name="no-arn"),  # expect: OPER-05 passed role/no-arn
    role(allow(["ssm:SendCommand"], [*NODES, PREFERENCES, SSH])),  # expect: OPER-05 passed role/operators
    role(allow(["ssm:CreateAssociation"], [PREFERENCES]), name="bound"),  # expect: OPER-05 passed role/bound
    role(allow(["ssm:StartAutomationExecution"], [RESTART]), name="restart"),  # expect: OPER-05 passed role/restart
    HALF,  # expect: OPER-05 passed role/half
    role(allow(["ssm:SendCommand"], [arn("ssm", "document/x")]), name="no-node"),  # expect: OPER-05 passed role/no-node
)
