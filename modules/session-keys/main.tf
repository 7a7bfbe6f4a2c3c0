data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

locals {
  account_id = data.aws_caller_identity.current.account_id
  partition  = data.aws_partition.current.partition
  dns_suffix = data.aws_partition.current.dns_suffix
  # The id is the name of the Region in every provider release. The attribute "name" is deprecated.
  region = data.aws_region.current.id

  descriptions = {
    session = "Encrypts the channel of Session Manager sessions"
    bucket  = "Encrypts the Session Manager recordings in S3"
    logs    = "Encrypts the Session Manager recordings in CloudWatch Logs"
  }

  # Without this statement, nobody could administer the key. It grants no permission by itself: it makes the
  # IAM policies of the account effective for the key.
  account_statement = {
    Sid       = "AccountAdministersThroughIam"
    Effect    = "Allow"
    Principal = { AWS = ["arn:${local.partition}:iam::${local.account_id}:root"] }
    Action    = ["kms:*"]
    Resource  = ["*"]
  }

  via_s3 = { StringEquals = { "kms:ViaService" = ["s3.${local.region}.${local.dns_suffix}"] } }

  session_statements = concat(
    [for arns in [var.node_role_arns] : {
      Sid       = "NodesOpenTheChannel"
      Effect    = "Allow"
      Principal = { AWS = arns }
      Action    = ["kms:Decrypt"]
      Resource  = ["*"]
    } if length(arns) > 0],
    [for arns in [var.operator_role_arns] : {
      Sid       = "OperatorsStartTheChannel"
      Effect    = "Allow"
      Principal = { AWS = arns }
      Action    = ["kms:GenerateDataKey"]
      Resource  = ["*"]
    } if length(arns) > 0],
  )

  bucket_statements = concat(
    [for arns in [var.node_role_arns] : {
      Sid       = "NodesEncryptUploads"
      Effect    = "Allow"
      Principal = { AWS = arns }
      Action    = ["kms:GenerateDataKey"]
      Resource  = ["*"]
    } if length(arns) > 0],
    # S3 decrypts the parts of an upload on behalf of the uploader. Without this, long recordings fail.
    [for arns in [var.node_role_arns] : {
      Sid       = "NodesFinishMultipartUploads"
      Effect    = "Allow"
      Principal = { AWS = arns }
      Action    = ["kms:Decrypt"]
      Resource  = ["*"]
      Condition = local.via_s3
    } if length(arns) > 0],
    [for arns in [var.log_reader_arns] : {
      Sid       = "ReadersDecryptThroughS3"
      Effect    = "Allow"
      Principal = { AWS = arns }
      Action    = ["kms:Decrypt"]
      Resource  = ["*"]
      Condition = local.via_s3
    } if length(arns) > 0],
  )

  logs_statements = [{
    Sid       = "CloudWatchLogsServesNamedGroups"
    Effect    = "Allow"
    Principal = { Service = ["logs.${local.region}.${local.dns_suffix}"] }
    Action    = ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"]
    Resource  = ["*"]
    Condition = {
      ArnEquals = {
        "kms:EncryptionContext:aws:logs:arn" = [
          for name in concat([var.log_group_name], var.further_log_group_names) :
          "arn:${local.partition}:logs:${local.region}:${local.account_id}:log-group:${name}"
        ]
      }
    }
  }]

  policies = {
    session = jsonencode({ Version = "2012-10-17", Statement = concat([local.account_statement], local.session_statements) })
    bucket  = jsonencode({ Version = "2012-10-17", Statement = concat([local.account_statement], local.bucket_statements) })
    logs    = jsonencode({ Version = "2012-10-17", Statement = concat([local.account_statement], local.logs_statements) })
  }
}

resource "aws_kms_key" "this" {
  for_each = var.purposes

  description              = local.descriptions[each.key]
  key_usage                = "ENCRYPT_DECRYPT"
  customer_master_key_spec = "SYMMETRIC_DEFAULT"
  is_enabled               = true
  enable_key_rotation      = true
  rotation_period_in_days  = var.rotation_period_in_days
  deletion_window_in_days  = var.deletion_window_in_days
  policy                   = local.policies[each.key]
  tags                     = var.tags

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_kms_alias" "this" {
  for_each = var.purposes

  name          = "alias/${var.name}-${each.key}"
  target_key_id = aws_kms_key.this[each.key].key_id
}
