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
