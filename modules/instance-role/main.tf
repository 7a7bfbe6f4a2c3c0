data "aws_partition" "current" {}

data "aws_region" "current" {}

locals {
  partition  = data.aws_partition.current.partition
  dns_suffix = data.aws_partition.current.dns_suffix
  # The id is the name of the Region in every provider release. The attribute "name" is deprecated.
  region = data.aws_region.current.id

  role_name = var.role_name == null ? aws_iam_role.this[var.name].name : var.role_name

  upload_path   = var.s3_key_prefix == "" ? "*" : "${var.s3_key_prefix}/*"
  log_group_arn = var.log_group_arn == null ? null : trimsuffix(var.log_group_arn, ":*")

  heartbeat_statement = {
    Sid      = "Heartbeat"
    Effect   = "Allow"
    Action   = ["ssm:UpdateInstanceInformation"]
    Resource = ["*"]
  }

  # Permissions to record: the node writes recordings and cannot read them.
  recording_statements = concat(
    [for arn in var.s3_bucket_arn[*] : {
      Sid      = "UploadRecordings"
      Effect   = "Allow"
      Action   = var.cross_account_bucket ? ["s3:PutObject", "s3:PutObjectAcl"] : ["s3:PutObject"]
      Resource = ["${arn}/${local.upload_path}"]
    }],
    [for arn in var.s3_bucket_arn[*] : {
      Sid      = "CheckTheEncryption"
      Effect   = "Allow"
      Action   = ["s3:GetEncryptionConfiguration"]
      Resource = [arn]
    }],
    [for arn in var.bucket_kms_key_arn[*] : {
      Sid      = "EncryptUploads"
      Effect   = "Allow"
      Action   = ["kms:GenerateDataKey"]
      Resource = [arn]
    }],
    # S3 decrypts the parts of an upload on behalf of the uploader. Without this, long recordings fail.
    [for arn in var.bucket_kms_key_arn[*] : {
      Sid       = "FinishMultipartUploads"
      Effect    = "Allow"
      Action    = ["kms:Decrypt"]
      Resource  = [arn]
      Condition = { StringEquals = { "kms:ViaService" = ["s3.${local.region}.${local.dns_suffix}"] } }
    }],
    [for arn in local.log_group_arn[*] : {
      Sid      = "WriteLogStreams"
      Effect   = "Allow"
      Action   = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
      Resource = [arn, "${arn}:*"]
    }],
    # The agent looks up its log group among all log groups. The API supports no narrower resource.
    [for arn in local.log_group_arn[*] : {
      Sid      = "FindTheLogGroup"
      Effect   = "Allow"
      Action   = ["logs:DescribeLogGroups"]
      Resource = ["*"]
    }],
    [for arn in var.session_kms_key_arn[*] : {
      Sid      = "OpenTheChannel"
      Effect   = "Allow"
      Action   = ["kms:Decrypt"]
      Resource = [arn]
    }],
  )

  minimum_statements = [
    local.heartbeat_statement,
    {
      Sid    = "Channels"
      Effect = "Allow"
      Action = [
        "ssmmessages:CreateControlChannel",
        "ssmmessages:CreateDataChannel",
        "ssmmessages:OpenControlChannel",
        "ssmmessages:OpenDataChannel",
      ]
      Resource = ["*"]
    },
  ]

  # Permissions of AmazonSSMManagedInstanceCore, by feature, without reading parameters.
  kept_actions = {
    associations = [
      "ssm:DescribeAssociation",
      "ssm:DescribeDocument",
      "ssm:GetDocument",
      "ssm:ListAssociations",
      "ssm:ListInstanceAssociations",
      "ssm:PutComplianceItems",
      "ssm:UpdateAssociationStatus",
      "ssm:UpdateInstanceAssociationStatus",
    ]
    inventory = ["ssm:PutInventory"]
    packages  = ["ssm:DescribeDocument", "ssm:GetDocument", "ssm:GetManifest", "ssm:PutConfigurePackageResult"]
    patching  = ["ssm:GetDeployablePatchSnapshotForInstance", "ssm:PutComplianceItems", "ssm:PutInventory"]
    # Agents before 3.3.40.0 receive their commands through ec2messages.
    "run-command" = [
      "ec2messages:AcknowledgeMessage",
      "ec2messages:DeleteMessage",
      "ec2messages:FailMessage",
      "ec2messages:GetEndpoint",
      "ec2messages:GetMessages",
      "ec2messages:SendReply",
      "ssm:DescribeDocument",
      "ssm:GetDocument",
    ]
  }
  kept_statements = concat(
    [for actions in [distinct(flatten([for feature in sort(var.keep) : local.kept_actions[feature]]))] : {
      Sid      = "KeptFeatures"
      Effect   = "Allow"
      Action   = actions
      Resource = ["*"]
    } if length(actions) > 0],
    [for arns in [var.parameter_arns] : {
      Sid      = "NamedParameters"
      Effect   = "Allow"
      Action   = ["ssm:GetParameter", "ssm:GetParameters"]
      Resource = arns
    } if length(arns) > 0],
  )
}

resource "aws_iam_role" "this" {
  for_each = toset(var.role_name == null ? [var.name] : [])

  name                 = each.key
  description          = "Node role: Session Manager, its recordings, and what else is named"
  permissions_boundary = var.permissions_boundary_arn
  tags                 = var.tags

  # EC2 assumes the role of an instance profile without source keys, so nodes could not assume a role with such a condition.
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Ec2Only"
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "ec2.${local.dns_suffix}" }
    }]
  })
}

resource "aws_iam_instance_profile" "this" {
  for_each = toset(var.role_name == null ? [var.name] : [])

  name = each.key
  role = aws_iam_role.this[each.key].name
  tags = var.tags
}

# This policy only adds permissions to those of the role.
resource "aws_iam_policy" "logging" {
  name        = "${var.name}-session-logging"
  description = "Session Manager: what the node needs to record its sessions"
  tags        = var.tags

  # A policy cannot be empty. If no feature is on, it contains the heartbeat that every node sends.
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = concat([for statement in [local.heartbeat_statement] : statement if length(local.recording_statements) == 0], local.recording_statements)
  })
}

resource "aws_iam_policy" "minimum" {
  #checkov:skip=CKV_AWS_355:Heartbeat, channels, and the kept features support no narrower resource than all
  #checkov:skip=CKV_AWS_290:The same: these calls are about the calling node itself and take no resource
  name        = "${var.name}-session-minimum"
  description = "Session Manager: the least that sessions, and what is kept, need"
  tags        = var.tags

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = concat(local.minimum_statements, local.kept_statements)
  })
}

resource "aws_iam_role_policy_attachment" "logging" {
  role       = local.role_name
  policy_arn = aws_iam_policy.logging.arn
}

# One attachment, so that the currently attached policy can be imported and, after the canary test, replaced. The new
# policy is attached before the old one is detached.
resource "aws_iam_role_policy_attachment" "minimum" {
  role       = local.role_name
  policy_arn = var.replaced_policy_arn != null && !var.canary_passed ? var.replaced_policy_arn : aws_iam_policy.minimum.arn

  lifecycle {
    create_before_destroy = true
  }
}
