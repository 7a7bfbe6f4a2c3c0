"""Each runs commands by another's hand: a change request, an association, a window, or a document that it replaces."""

from tests.rules.builders_live import arn
from tests.rules.builders_people import NODES, PREFERENCES, allow, role, staffed

OWN = arn("ssm", "document/*")
WINDOW = arn("ssm", "maintenancewindow/mw-00000000000000001")
REPLACED = role(
    allow(["ssm:SendCommand"], [*NODES, PREFERENCES]),
    allow(["ssm:DeleteDocument", "ssm:CreateDocument"], [PREFERENCES]),
    name="replaced",
)
EVENTS = allow(["events:PutRule", "events:PutTargets", "iam:PassRole"])

ACCOUNT = staffed(
    role(allow(["ssm:StartChangeRequestExecution"]), name="change"),  # expect: OPER-05 failed high role/change
    role(allow(["ssm:CreateAssociation"], [OWN]), name="own"),  # expect: OPER-05 failed high role/own
    role(allow(["ssm:CreateAssociationBatch"]), name="batch"),  # expect: OPER-05 failed high role/batch
    role(allow(["ssm:UpdateMaintenanceWindowTask"], [WINDOW]), name="task"),  # expect: OPER-05 failed high role/task
    role(EVENTS, name="events"),  # expect: OPER-05 failed high role/events
    REPLACED,  # expect: OPER-05 failed high role/replaced
)
