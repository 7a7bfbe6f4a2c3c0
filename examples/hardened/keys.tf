# Three keys, so that who starts sessions cannot read recordings.
resource "aws_kms_key" "session" {
  description             = "Encrypts the channel of sessions"
  enable_key_rotation     = true
  rotation_period_in_days = 365
  deletion_window_in_days = 30

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      local.account_statement,
      {
        Sid       = "NodesOpenTheChannel"
        Effect    = "Allow"
        Principal = { AWS = aws_iam_role.node.arn }
        Action    = "kms:Decrypt"
        Resource  = "*"
      },
      {
        Sid       = "OperatorsStartTheChannel"
        Effect    = "Allow"
        Principal = { AWS = aws_iam_role.operator.arn }
        Action    = "kms:GenerateDataKey"
        Resource  = "*"
      },
    ]
  })

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_kms_key" "bucket" {
  description             = "Encrypts recordings in S3"
  enable_key_rotation     = true
  rotation_period_in_days = 365
  deletion_window_in_days = 30

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      local.account_statement,
      {
        Sid       = "NodesEncryptUploads"
        Effect    = "Allow"
        Principal = { AWS = aws_iam_role.node.arn }
        Action    = "kms:GenerateDataKey"
        Resource  = "*"
      },
      {
        # S3 decrypts the parts of a long upload in the name of the uploader.
        Sid       = "NodesFinishMultipartUploads"
        Effect    = "Allow"
        Principal = { AWS = aws_iam_role.node.arn }
        Action    = "kms:Decrypt"
        Resource  = "*"
        Condition = { StringEquals = { "kms:ViaService" = "s3.${local.region}.${local.dns_suffix}" } }
      },
      {
        Sid       = "AuditorsDecryptThroughS3"
        Effect    = "Allow"
        Principal = { AWS = aws_iam_role.auditor.arn }
        Action    = "kms:Decrypt"
        Resource  = "*"
        Condition = { StringEquals = { "kms:ViaService" = "s3.${local.region}.${local.dns_suffix}" } }
      },
    ]
  })

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_kms_key" "logs" {
  description             = "Encrypts recordings in CloudWatch Logs"
  enable_key_rotation     = true
  rotation_period_in_days = 365
  deletion_window_in_days = 30

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      local.account_statement,
      {
        Sid       = "CloudWatchLogsServesOneGroup"
        Effect    = "Allow"
        Principal = { Service = "logs.${local.region}.${local.dns_suffix}" }
        Action    = ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"]
        Resource  = "*"
        Condition = {
          ArnEquals = {
            "kms:EncryptionContext:aws:logs:arn" = "arn:${local.partition}:logs:${local.region}:${local.account_id}:log-group:${local.log_group_name}"
          }
        }
      },
    ]
  })

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_kms_alias" "session" {
  name          = "alias/ssm-session"
  target_key_id = aws_kms_key.session.key_id
}

resource "aws_kms_alias" "bucket" {
  name          = "alias/ssm-session-bucket"
  target_key_id = aws_kms_key.bucket.key_id
}

resource "aws_kms_alias" "logs" {
  name          = "alias/ssm-session-logs"
  target_key_id = aws_kms_key.logs.key_id
}
