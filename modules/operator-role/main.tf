data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

locals {
  account_id = data.aws_caller_identity.current.account_id
  partition  = data.aws_partition.current.partition
  # The id is the name of the Region in every provider release. The attribute "name" is deprecated.
  region = data.aws_region.current.id

  role_name = var.role_name == null ? aws_iam_role.this[var.name].name : var.role_name

  ssm_arn       = "arn:${local.partition}:ssm:${local.region}:${local.account_id}"
  document_arns = var.document_arns == null ? ["${local.ssm_arn}:document/SSM-SessionManagerRunShell"] : var.document_arns
  approved_arns = concat(local.document_arns, var.tunnel_document_arns)

  # The ARNs of AWS-owned documents have no account. A Deny with an account would match nothing.
  tunnel_names = [for arn in var.tunnel_document_arns : element(split("/", arn), 1)]
  unrecorded_arns = [
    for name in [
      "AWS-StartInteractiveCommand",
      "AWS-StartNonInteractiveCommand",
      "AWS-StartPortForwardingSession",
      "AWS-StartPortForwardingSessionToRemoteHost",
      "AWS-StartPortForwardingSessionToSocket",
      "AWS-StartSSHSession",
    ] : "arn:${local.partition}:ssm:*::document/${name}" if !contains(local.tunnel_names, name)
  ]
  every_node_arn = ["arn:${local.partition}:ec2:*:*:instance/*", "arn:${local.partition}:ssm:*:*:managed-instance/*"]
  own_role_arns  = [for path in ["", "*/"] : "arn:${local.partition}:iam::${local.account_id}:role/${path}${var.role_name == null ? var.name : var.role_name}"]
  own_policies   = "arn:${local.partition}:iam::${local.account_id}:policy/${var.name}-session-*"

  document_check = { "ssm:SessionDocumentAccessCheck" = "true" }

  grant_statements = concat(
    [
      # In one statement, the condition on the node tag would also apply to the document.
      {
        Sid      = "StartOnTaggedNodes"
        Effect   = "Allow"
        Action   = ["ssm:StartSession"]
        Resource = ["arn:${local.partition}:ec2:${local.region}:${local.account_id}:instance/*", "${local.ssm_arn}:managed-instance/*"]
        Condition = {
          StringEquals = { "ssm:resourceTag/${var.node_tag_key}" = var.node_tag_values }
          BoolIfExists = local.document_check
        }
      },
      {
        Sid       = "UseApprovedDocuments"
        Effect    = "Allow"
        Action    = ["ssm:StartSession"]
        Resource  = local.approved_arns
        Condition = { BoolIfExists = local.document_check }
      },
      {
        Sid       = "OwnSessions"
        Effect    = "Allow"
        Action    = ["ssm:ResumeSession", "ssm:TerminateSession"]
        Resource  = ["${local.ssm_arn}:session/*"]
        Condition = { StringEquals = { "ssm:resourceTag/aws:ssmmessages:session-id" = ["$${aws:userid}"] } }
      },
      {
        Sid      = "OwnChannel"
        Effect   = "Allow"
        Action   = ["ssmmessages:OpenDataChannel"]
        Resource = ["${local.ssm_arn}:session/$${aws:userid}-*"]
      },
      {
        Sid    = "SeeNodesAndSessions"
        Effect = "Allow"
        Action = [
          "ec2:DescribeInstances",
          "ssm:DescribeInstanceInformation",
          "ssm:DescribeInstanceProperties",
          "ssm:DescribeSessions",
          "ssm:GetConnectionStatus",
        ]
        Resource = ["*"]
      },
    ],
    [for arn in var.session_kms_key_arn[*] : {
      Sid      = "StartTheChannel"
      Effect   = "Allow"
      Action   = ["kms:GenerateDataKey"]
      Resource = [arn]
    }],
  )

  not_exempt = length(var.guard_exempt_principal_arns) == 0 ? {} : {
    ArnNotEquals = { "aws:PrincipalArn" = var.guard_exempt_principal_arns }
  }

  # Each with its condition, which the exemption is added to.
  session_guards = concat(
    [for arns in [local.unrecorded_arns] : {
      Sid       = "NoUnrecordedDocuments"
      Action    = ["ssm:StartSession"]
      Resource  = arns
      condition = {}
    } if length(arns) > 0],
    [
      # Every resource of the call that is not a node is a document or an ECS task, whose shell is not a session on a node.
      {
        Sid         = "NoOtherDocuments"
        Action      = ["ssm:StartSession"]
        NotResource = concat(local.approved_arns, local.every_node_arn)
        condition   = {}
      },
      # A node without the tag also differs from each value.
      {
        Sid       = "NoOtherNodes"
        Action    = ["ssm:StartSession"]
        Resource  = local.every_node_arn
        condition = { StringNotEquals = { "ssm:resourceTag/${var.node_tag_key}" = var.node_tag_values } }
      },
      {
        Sid       = "NoSessionsOfOthers"
        Action    = ["ssm:ResumeSession", "ssm:TerminateSession"]
        Resource  = ["*"]
        condition = { StringNotEquals = { "ssm:resourceTag/aws:ssmmessages:session-id" = ["$${aws:userid}"] } }
      },
      {
        Sid = "NoChangeOfPreferences"
        Action = [
          "ssm:CreateDocument",
          "ssm:DeleteDocument",
          "ssm:ModifyDocumentPermission",
          "ssm:ResetServiceSetting",
          "ssm:UpdateDocument",
          "ssm:UpdateDocumentDefaultVersion",
          "ssm:UpdateServiceSetting",
        ]
        Resource  = ["*"]
        condition = {}
      },
      {
        Sid       = "NoWriteOfTheAccessTag"
        Action    = ["ec2:CreateTags", "ec2:DeleteTags", "ssm:AddTagsToResource", "ssm:RemoveTagsFromResource"]
        Resource  = ["*"]
        condition = { "ForAnyValue:StringEquals" = { "aws:TagKeys" = [var.node_tag_key] } }
      },
    ],
  )

  side_door_guards = [
    {
      Sid = "NoCommandsAsRoot"
      Action = [
        "ssm:CreateAssociation",
        "ssm:CreateAssociationBatch",
        "ssm:CreateMaintenanceWindow",
        "ssm:RegisterTargetWithMaintenanceWindow",
        "ssm:RegisterTaskWithMaintenanceWindow",
        "ssm:SendCommand",
        "ssm:StartAssociationsOnce",
        "ssm:StartAutomationExecution",
        "ssm:StartChangeRequestExecution",
        "ssm:UpdateAssociation",
        "ssm:UpdateMaintenanceWindow",
        "ssm:UpdateMaintenanceWindowTarget",
        "ssm:UpdateMaintenanceWindowTask",
      ]
      Resource = ["*"]
    },
    {
      Sid = "NoOtherShells"
      Action = [
        "ec2-instance-connect:OpenTunnel",
        "ec2-instance-connect:SendSSHPublicKey",
        "ec2-instance-connect:SendSerialConsoleSSHPublicKey",
        "ec2:EnableSerialConsoleAccess",
        "ec2:GetPasswordData",
        "ec2:ModifyInstanceAttribute",
        "ecs:ExecuteCommand",
      ]
      Resource = ["*"]
    },
    {
      Sid = "NoOtherRights"
      Action = [
        "ec2:AssociateIamInstanceProfile",
        "ec2:ReplaceIamInstanceProfileAssociation",
        "iam:AddRoleToInstanceProfile",
        "iam:PassRole",
        "iam:TagRole",
        "iam:TagUser",
        "iam:UntagRole",
        "iam:UntagUser",
        "ssm:CreateActivation",
        "ssm:UpdateManagedInstanceRole",
        "sts:TagSession",
      ]
      Resource = ["*"]
    },
    {
      Sid = "TheGuardStays"
      Action = [
        "iam:AttachRolePolicy",
        "iam:CreatePolicyVersion",
        "iam:DeletePolicy",
        "iam:DeletePolicyVersion",
        "iam:DeleteRolePermissionsBoundary",
        "iam:DetachRolePolicy",
        "iam:PutRolePermissionsBoundary",
        "iam:PutRolePolicy",
        "iam:SetDefaultPolicyVersion",
        "iam:UpdateAssumeRolePolicy",
      ]
      Resource = concat(local.own_role_arns, [local.own_policies])
    },
  ]

  every_store = contains(var.evidence_arns, "*")
  bucket_arns = local.every_store ? ["*"] : flatten([for arn in var.evidence_arns : [arn, "${arn}/*"] if strcontains(arn, ":s3:::")])
  group_arns  = local.every_store ? ["*"] : flatten([for arn in var.evidence_arns : [trimsuffix(arn, ":*"), "${trimsuffix(arn, ":*")}:*"] if strcontains(arn, ":log-group:")])
  key_arns    = local.every_store ? ["*"] : [for arn in var.evidence_arns : arn if strcontains(arn, ":kms:")]

  evidence_guards = concat(
    [for arns in [local.bucket_arns] : {
      Sid = "RecordingsStayInS3"
      Action = [
        "s3:BypassGovernanceRetention",
        "s3:DeleteBucket",
        "s3:DeleteBucketPolicy",
        "s3:DeleteObject",
        "s3:DeleteObjectVersion",
        "s3:PutBucketObjectLockConfiguration",
        "s3:PutBucketPolicy",
        "s3:PutBucketVersioning",
        "s3:PutEncryptionConfiguration",
        "s3:PutLifecycleConfiguration",
        "s3:PutObjectRetention",
      ]
      Resource = arns
    } if length(arns) > 0],
    [for arns in [local.group_arns] : {
      Sid = "RecordingsStayInLogs"
      Action = [
        "logs:DeleteLogGroup",
        "logs:DeleteLogStream",
        "logs:DeleteRetentionPolicy",
        "logs:DisassociateKmsKey",
        "logs:PutRetentionPolicy",
      ]
      Resource = arns
    } if length(arns) > 0],
    [for arns in [local.key_arns] : {
      Sid      = "KeysStay"
      Action   = ["kms:CreateGrant", "kms:DeleteImportedKeyMaterial", "kms:DisableKey", "kms:PutKeyPolicy", "kms:ScheduleKeyDeletion"]
      Resource = arns
    } if length(arns) > 0],
  )

  guard_statements = {
    sessions   = local.session_guards
    side-doors = [for guard in local.side_door_guards : merge(guard, { condition = {} })]
    evidence   = [for guard in local.evidence_guards : merge(guard, { condition = {} })]
  }
  # Three policies, because a policy has at most 6,144 characters. A condition without content is left out.
  guards = {
    for name, statements in local.guard_statements : name => jsonencode({
      Version = "2012-10-17"
      Statement = [for guard in statements : merge(
        { for member, value in guard : member => value if member != "condition" },
        { Effect = "Deny" },
        length(local.not_exempt) + length(guard.condition) == 0 ? {} : { Condition = merge(local.not_exempt, guard.condition) },
      )]
    })
  }
}

resource "aws_iam_role" "this" {
  for_each = toset(var.role_name == null ? [var.name] : [])

  name                 = each.key
  description          = "Opens recorded sessions on tagged nodes"
  max_session_duration = var.max_session_duration
  tags                 = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "OperatorsMayAssume"
      Effect    = "Allow"
      Action    = var.require_source_identity ? ["sts:AssumeRole", "sts:SetSourceIdentity"] : ["sts:AssumeRole"]
      Principal = { AWS = var.trusted_principal_arns }
      Condition = merge(
        var.require_mfa ? { Bool = { "aws:MultiFactorAuthPresent" = "true" } } : {},
        var.require_source_identity ? { StringLike = { "sts:SourceIdentity" = "?*" } } : {},
      )
    }]
  })

  lifecycle {
    precondition {
      condition     = length(var.trusted_principal_arns) > 0
      error_message = "Set trusted_principal_arns to the principals that may assume the new role, or set role_name to an existing role."
    }
  }
}

resource "aws_iam_policy" "grants" {
  #checkov:skip=CKV_AWS_355:The read calls support no narrower resource; starting a session requires named nodes and documents
  name        = "${var.name}-session-grants"
  description = "Session Manager: recorded sessions on tagged nodes, with approved documents"
  tags        = var.tags

  policy = jsonencode({ Version = "2012-10-17", Statement = local.grant_statements })
}

resource "aws_iam_role_policy_attachment" "grants" {
  role       = local.role_name
  policy_arn = aws_iam_policy.grants.arn
}

resource "aws_iam_policy" "guard" {
  for_each = local.guards

  name        = "${var.name}-session-guard-${each.key}"
  description = "Session Manager: denies what goes beyond recorded sessions on tagged nodes"
  tags        = var.tags

  policy = each.value

  lifecycle {
    precondition {
      condition     = length(each.value) <= 6144
      error_message = "Use fewer documents, tag values, exempt principals or stores: an IAM policy has at most 6,144 characters."
    }
  }
}

# Grants are attached before denials, so that sessions can always be started.
resource "aws_iam_role_policy_attachment" "guard" {
  for_each = toset(var.enforce_guard ? keys(local.guards) : [])

  role       = local.role_name
  policy_arn = aws_iam_policy.guard[each.key].arn

  depends_on = [aws_iam_role_policy_attachment.grants]
}
