data "aws_partition" "current" {}

locals {
  # Generated from the list of calls that the tool makes; see docs/permissions.md.
  policy = jsondecode(file("${path.module}/policy.json"))

  bucket_arns = length(var.log_bucket_names) == 0 ? ["*"] : [
    for name in var.log_bucket_names : "arn:${data.aws_partition.current.partition}:s3:::${name}"
  ]

  statements = [
    for statement in local.policy.Statement : merge(statement, statement.Sid == "ReadLogBuckets" ? { Resource = local.bucket_arns } : { Resource = ["*"] })
  ]

  external_id = var.external_id == null ? {} : { StringEquals = { "sts:ExternalId" = var.external_id } }
}

resource "aws_iam_role" "this" {
  name                 = var.name
  description          = "Reads what ssm-harden audits; changes nothing, reads no parameter, no log and no object."
  max_session_duration = 3600
  permissions_boundary = var.permissions_boundary_arn
  tags                 = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [merge(
      {
        Sid       = "AuditorsMayAssume"
        Effect    = "Allow"
        Action    = "sts:AssumeRole"
        Principal = { AWS = var.trusted_principal_arns }
      },
      length(local.external_id) == 0 ? {} : { Condition = local.external_id },
    )]
  })
}

# An inline policy, so that it is not attached elsewhere or changed under the same name.
resource "aws_iam_role_policy" "this" {
  name = "ssm-harden-audit"
  role = aws_iam_role.this.id

  policy = jsonencode({ Version = "2012-10-17", Statement = local.statements })
}
