data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

locals {
  account_id = data.aws_caller_identity.current.account_id
  partition  = data.aws_partition.current.partition
  # The id is the name of the Region in every provider release. The attribute "name" is deprecated.
  region = data.aws_region.current.id

  gateway_services   = toset(length(var.route_table_ids) > 0 ? ["s3"] : [])
  interface_services = setsubtract(var.services, local.gateway_services)

  # Other workloads rarely call these services. Most call kms, logs, and s3, so private DNS for them is an explicit choice.
  own_names     = ["ssm", "ssmmessages", "ec2messages"]
  dns_services  = setsubtract(setunion(local.own_names, var.shared_private_dns_accepted), var.without_private_dns)
  dns_decided   = setunion(local.dns_services, var.without_private_dns)
  s3_with_names = contains(local.dns_services, "s3")

  own_principals = {
    StringEquals = var.organization_id == null ? { "aws:PrincipalAccount" = [local.account_id] } : { "aws:PrincipalOrgID" = [var.organization_id] }
  }
  own_principals_and_buckets = {
    StringEquals = var.organization_id == null ? {
      "aws:PrincipalAccount" = [local.account_id]
      "aws:ResourceAccount"  = [local.account_id]
      } : {
      "aws:PrincipalOrgID" = [var.organization_id]
      "aws:ResourceOrgID"  = [var.organization_id]
    }
  }

  # Buckets from which the agent downloads updates, packages, modules, and patch snapshots, only in this Region.
  aws_bucket_names = [
    "amazon-ssm-${local.region}",
    "amazon-ssm-packages-${local.region}",
    "aws-patchmanager-macos-${local.region}",
    "aws-ssm-${local.region}",
    "aws-ssm-distributor-file-${local.region}",
    "aws-ssm-document-attachments-${local.region}",
    "aws-windows-downloads-${local.region}",
    "patch-baseline-snapshot-${local.region}",
    "${local.region}-birdwatcher-prod",
  ]

  s3_statements = concat(
    [
      {
        Sid       = "OwnBuckets"
        Effect    = "Allow"
        Principal = "*"
        Action    = ["s3:*"]
        Resource  = ["*"]
        Condition = local.own_principals_and_buckets
      },
      # Without a condition on the caller, because some of these downloads are not signed.
      {
        Sid       = "BucketsOfSystemsManager"
        Effect    = "Allow"
        Principal = "*"
        Action    = ["s3:GetObject"]
        Resource = concat(
          [for name in local.aws_bucket_names : "arn:${local.partition}:s3:::${name}/*"],
          [for arn in var.readable_bucket_arns : "${arn}/*"],
        )
      },
    ],
    [for arns in [var.recording_bucket_arns] : {
      Sid       = "RecordingsElsewhere"
      Effect    = "Allow"
      Principal = "*"
      Action    = ["s3:GetEncryptionConfiguration", "s3:PutObject", "s3:PutObjectAcl"]
      Resource  = flatten([for arn in arns : [arn, "${arn}/*"]])
      Condition = local.own_principals
    } if length(arns) > 0],
  )
  policies = merge(
    {
      for service in setsubtract(var.services, ["s3"]) : service => jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Sid       = "OwnPrincipals"
          Effect    = "Allow"
          Principal = "*"
          Action    = ["${service}:*"]
          Resource  = ["*"]
          Condition = local.own_principals
        }]
      })
    },
    { s3 = jsonencode({ Version = "2012-10-17", Statement = local.s3_statements }) },
  )
}

resource "aws_security_group" "this" {
  name        = var.name
  description = "Interface endpoints of Session Manager: 443 from the nodes"
  vpc_id      = var.vpc_id
  tags        = merge(var.tags, { Name = var.name })

  lifecycle {
    precondition {
      condition     = length(var.node_security_group_ids) + length(var.node_cidrs) > 0
      error_message = "Set node_security_group_ids or node_cidrs. Otherwise the endpoints accept no traffic."
    }
  }
}

# By number, because the ID of a group created in the same run is unknown at plan time.
resource "aws_vpc_security_group_ingress_rule" "nodes" {
  for_each = { for number, id in var.node_security_group_ids : tostring(number) => id }

  security_group_id            = aws_security_group.this.id
  description                  = "443 from nodes"
  referenced_security_group_id = each.value
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
  tags                         = var.tags
}

resource "aws_vpc_security_group_ingress_rule" "ranges" {
  for_each = toset(var.node_cidrs)

  security_group_id = aws_security_group.this.id
  description       = "443 from the nodes' range"
  cidr_ipv4         = each.value
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  tags              = var.tags
}

resource "aws_vpc_endpoint" "interface" {
  for_each = local.interface_services

  vpc_id              = var.vpc_id
  service_name        = "com.amazonaws.${local.region}.${each.key}"
  vpc_endpoint_type   = "Interface"
  subnet_ids          = var.subnet_ids
  security_group_ids  = [aws_security_group.this.id]
  private_dns_enabled = contains(local.dns_services, each.key)
  policy              = local.policies[each.key]
  tags                = merge(var.tags, { Name = "${var.name}-${each.key}" })

  # Otherwise S3 requires a gateway endpoint as well.
  dynamic "dns_options" {
    for_each = each.key == "s3" && local.s3_with_names ? ["s3"] : []

    content {
      private_dns_only_for_inbound_resolver_endpoint = false
    }
  }

  lifecycle {
    precondition {
      condition     = contains(local.dns_decided, each.key)
      error_message = "Private DNS sends every client in the VPC that resolves ${each.key} to the endpoint. Find out which clients do, then add the service to shared_private_dns_accepted or without_private_dns."
    }
  }

  depends_on = [aws_vpc_security_group_ingress_rule.nodes, aws_vpc_security_group_ingress_rule.ranges]
}

resource "aws_vpc_endpoint" "gateway" {
  for_each = local.gateway_services

  vpc_id            = var.vpc_id
  service_name      = "com.amazonaws.${local.region}.s3"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = var.route_table_ids
  policy            = local.policies["s3"]
  tags              = merge(var.tags, { Name = "${var.name}-s3" })
}
