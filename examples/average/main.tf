terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0, < 7.0"
    }
  }
}

provider "aws" {
  region = var.region

  default_tags {
    tags = local.tags
  }
}

data "aws_caller_identity" "current" {}

locals {
  tags = {
    Environment = var.environment
    Team        = "platform"
  }

  bucket_name    = "${var.environment}-session-logs-${data.aws_caller_identity.current.account_id}"
  log_group_name = "/${var.environment}/ssm/sessions"
}

module "logs" {
  source = "./modules/logs"

  bucket_name       = local.bucket_name
  log_group_name    = local.log_group_name
  retention_in_days = var.log_retention_in_days
}

resource "aws_ssm_document" "preferences" {
  name            = "SSM-SessionManagerRunShell"
  document_type   = "Session"
  document_format = "JSON"

  content = jsonencode({
    schemaVersion = "1.0"
    description   = "Session Manager settings of ${var.environment}"
    sessionType   = "Standard_Stream"
    inputs = {
      s3BucketName                = module.logs.bucket_name
      s3KeyPrefix                 = var.key_prefix
      s3EncryptionEnabled         = true
      cloudWatchLogGroupName      = module.logs.log_group_name
      cloudWatchEncryptionEnabled = false # the group has no key yet
      cloudWatchStreamingEnabled  = false
      kmsKeyId                    = ""
      runAsEnabled                = false
      runAsDefaultUser            = ""
      idleSessionTimeout          = tostring(var.idle_timeout_minutes)
      maxSessionDuration          = ""
    }
  })
}
