terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

variable "bucket" {
  type = string
}

resource "aws_kms_key" "sessions" {
  description = "session key"
}

resource "aws_cloudwatch_log_group" "sessions" {
  name              = "/session-logs"
  retention_in_days = 30
}

resource "aws_ssm_document" "preferences" {
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"
  content = jsonencode({
    schemaVersion = "1.0"
    sessionType   = "Standard_Stream"
    inputs = {
      s3BucketName           = var.bucket
      s3EncryptionEnabled    = true
      cloudWatchLogGroupName = aws_cloudwatch_log_group.sessions.name
      kmsKeyId               = aws_kms_key.sessions.arn
      idleSessionTimeout     = "30"
    }
  })
}
