# Every resource that we generate, edit or read, with the arguments that matter to us. Names are as in life, values are not.

terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
data "aws_caller_identity" "me" {}
data "aws_partition" "this" {}
data "aws_region" "this" {}
resource "aws_kms_key" "sessions" {
  description             = "sessions"
  enable_key_rotation     = true
  rotation_period_in_days = 180
  policy                  = jsonencode({ Version = "2012-10-17", Statement = [{ Sid = "root", Effect = "Allow", Principal = { AWS = "arn:aws:iam::${data.aws_caller_identity.me.account_id}:root" }, Action = "kms:*", Resource = "*" }] })
  tags                    = { a = "b" }
}
resource "aws_kms_alias" "sessions" {
  name          = "alias/sessions"
  target_key_id = aws_kms_key.sessions.key_id
}
