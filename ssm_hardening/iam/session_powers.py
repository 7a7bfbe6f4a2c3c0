"""The actions by which sessions are started, steered, or replaced.

Whoever may take one of these on nodes concerns Session Manager, whatever else a policy is for. Actions of Parameter
Store, Inventory, and Patch Manager are none of them, nor are those that only read.
"""

SESSION_POWERS = (
    "ssm:StartSession",
    "ssm:ResumeSession",
    "ssm:TerminateSession",
    "ssm:StartAccessRequest",
    "ssm:SendCommand",
    "ssm:StartAutomationExecution",
    "ssm:StartChangeRequestExecution",
    "ssm:CreateAssociation",
    "ssm:CreateAssociationBatch",
    "ssm:UpdateAssociation",
    "ssm:RegisterTaskWithMaintenanceWindow",
    "ssm:UpdateMaintenanceWindowTask",
    "ssm:CreateDocument",
    "ssm:UpdateDocument",
    "ssm:UpdateDocumentDefaultVersion",
    "ssm:DeleteDocument",
    "ssm:ModifyDocumentPermission",
    "ssm:UpdateServiceSetting",
    "ssm:ResetServiceSetting",
    "ssm:CreateActivation",
    "ssm:UpdateManagedInstanceRole",
    "ssm:UpdateInstanceInformation",
    "ssmmessages:CreateControlChannel",
    "ssmmessages:CreateDataChannel",
    "ssmmessages:OpenControlChannel",
    "ssmmessages:OpenDataChannel",
    "ssm-guiconnect:StartConnection",
)
"""Source: Service Authorization Reference, AWS Systems Manager, Session Manager Message Gateway, GUI Connect."""
