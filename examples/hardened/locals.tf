locals {
  key_prefix     = "session-logs"
  log_group_name = "/aws/ssm/session-logs"

  account_id  = data.aws_caller_identity.current.account_id
  partition   = data.aws_partition.current.partition
  dns_suffix  = data.aws_partition.current.dns_suffix
  region      = data.aws_region.current.id
  account_arn = "arn:${local.partition}:iam::${local.account_id}:root"

  # Lets IAM policies of the account count; without it nobody could administer the keys.
  account_statement = {
    Sid       = "AccountAdministersThroughIam"
    Effect    = "Allow"
    Principal = { AWS = local.account_arn }
    Action    = "kms:*"
    Resource  = "*"
  }
}
