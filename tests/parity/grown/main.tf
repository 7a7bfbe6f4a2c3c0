# A root module that was applied in part: modules, instances by count and for_each, two Regions, values known after apply.

terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

variable "first" {
  type    = bool
  default = false
}

provider "aws" {
  region              = "eu-central-1"
  allowed_account_ids = ["123456789012"]
}

provider "aws" {
  alias               = "far"
  region              = "us-west-2"
  allowed_account_ids = ["123456789012"]
}

resource "aws_kms_key" "sessions" {
  enable_key_rotation = true
}

resource "aws_kms_key" "far" {
  count    = var.first ? 0 : 1
  provider = aws.far
}

module "store" {
  source   = "./store"
  for_each = toset(["audit", "spare"])
  name     = "grown-${each.key}"
  key      = aws_kms_key.sessions.arn
}

module "far" {
  source    = "./store"
  count     = var.first ? 0 : 1
  providers = { aws = aws.far }
  name      = "grown-far"
  key       = aws_kms_key.far[0].arn
}

resource "aws_ssm_document" "preferences" {
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"

  content = jsonencode({
    schemaVersion = "1.0"
    sessionType   = "Standard_Stream"
    inputs = {
      s3BucketName           = module.store["audit"].bucket
      s3EncryptionEnabled    = true
      cloudWatchLogGroupName = ""
      kmsKeyId               = aws_kms_key.sessions.arn
      idleSessionTimeout     = "15"
    }
  })
}

resource "aws_ssm_document" "more" {
  count         = var.first ? 0 : 2
  provider      = aws.far
  name          = "more-${count.index}"
  document_type = "Session"
  content       = jsonencode({ schemaVersion = "1.0", sessionType = "Standard_Stream", inputs = { runAsEnabled = count.index == 1 } })
}

resource "aws_ssm_document" "gone" {
  count         = var.first ? 1 : 0
  name          = "gone"
  document_type = "Session"
  content       = jsonencode({ schemaVersion = "1.0", sessionType = "Standard_Stream", inputs = {} })
}

module "nodes" {
  source = "./nodes"
  more   = !var.first
}
