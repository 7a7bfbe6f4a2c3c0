# All five modules in one account: a node role and an operator role that exist already, and a closed network.

terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

variable "canary_passed" {
  type    = bool
  default = false
}

variable "account" {
  type = string
}

locals {
  stores = {
    bucket = "arn:aws:s3:::session-logs-of-the-test"
    group  = "arn:aws:logs:ap-southeast-2:${var.account}:log-group:/sessions"
  }
}

resource "aws_kms_key" "session" {
  enable_key_rotation = true
}

resource "aws_vpc" "closed" {
  cidr_block           = "10.20.0.0/16"
  enable_dns_hostnames = true
}

resource "aws_subnet" "nodes" {
  vpc_id            = aws_vpc.closed.id
  cidr_block        = "10.20.1.0/24"
  availability_zone = "ap-southeast-2a"
}

resource "aws_route_table" "nodes" {
  vpc_id = aws_vpc.closed.id
}

module "private_endpoints" {
  source = "./modules/private-endpoints"

  vpc_id                      = aws_vpc.closed.id
  subnet_ids                  = [aws_subnet.nodes.id]
  services                    = ["ssm", "ssmmessages", "kms", "logs"]
  route_table_ids             = [aws_route_table.nodes.id]
  node_cidrs                  = ["10.20.0.0/16"]
  shared_private_dns_accepted = ["kms", "logs"]
}

module "node_security_group" {
  source = "./modules/node-security-group"

  name                        = "session-nodes"
  vpc_id                      = aws_vpc.closed.id
  endpoint_security_group_ids = [module.private_endpoints.security_group_id]
  # No prefix list: the simulated account forgets what a rule about one is described as, and each plan would set it.
}

module "existing_nodes" {
  source = "./modules/instance-role"

  name                = "node"
  role_name           = "node"
  s3_bucket_arn       = local.stores.bucket
  log_group_arn       = local.stores.group
  session_kms_key_arn = aws_kms_key.session.arn
  keep                = ["patching"]
  replaced_policy_arn = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
  canary_passed       = var.canary_passed
}

import {
  to = module.existing_nodes.aws_iam_role_policy_attachment.minimum
  id = "node/arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
}

module "new_nodes" {
  source = "./modules/instance-role"

  name                = "new-node"
  s3_bucket_arn       = local.stores.bucket
  session_kms_key_arn = aws_kms_key.session.arn
}

module "existing_operators" {
  source = "./modules/operator-role"

  name                        = "operator"
  role_name                   = "operator"
  node_tag_values             = ["operators"]
  session_kms_key_arn         = aws_kms_key.session.arn
  enforce_guard               = var.canary_passed
  guard_exempt_principal_arns = ["arn:aws:iam::${var.account}:role/break-glass"]
  evidence_arns               = [local.stores.bucket, local.stores.group, aws_kms_key.session.arn]
}

module "new_operators" {
  source = "./modules/operator-role"

  name                   = "new-operator"
  trusted_principal_arns = ["arn:aws:iam::${var.account}:root"]
  node_tag_values        = ["operators"]
}

module "account_guardrails" {
  source = "./modules/account-guardrails"

  break_glass_role_arns = ["arn:aws:iam::${var.account}:role/break-glass"]
  log_store_arns        = [local.stores.bucket, local.stores.group, aws_kms_key.session.arn]
  subscriptions         = [{ protocol = "email", endpoint = "security@example.com" }]
}
