# One account in two Regions: preferences, log group and key in each, one bucket, and a node of either kind.

terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["123456789012"]
}

provider "aws" {
  alias               = "far"
  region              = "us-east-1"
  allowed_account_ids = ["123456789012"]
}

module "near" {
  source = "./region"
  bucket = aws_s3_bucket.logs.bucket
}

module "far" {
  source    = "./region"
  providers = { aws = aws.far }
  bucket    = aws_s3_bucket.logs.bucket
}

resource "aws_s3_bucket" "logs" {
  bucket = "two-regions-session-logs"
}
