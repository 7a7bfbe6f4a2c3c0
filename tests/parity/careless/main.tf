# The same kinds of facts where nobody took care, in another Region of the same account.

terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["123456789012"]
}

resource "aws_ssm_document" "preferences" {
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"

  content = jsonencode({
    schemaVersion = "1.0"
    sessionType   = "Standard_Stream"
    inputs = {
      s3BucketName                = ""
      s3EncryptionEnabled         = false
      cloudWatchLogGroupName      = ""
      cloudWatchEncryptionEnabled = false
      kmsKeyId                    = ""
      runAsEnabled                = false
      runAsDefaultUser            = ""
      idleSessionTimeout          = "60"
    }
  })
}

resource "aws_ssm_document" "old_logs" {
  name          = "shell-with-old-logs"
  document_type = "Session"
  permissions   = { type = "Share", account_ids = "All" }

  content = jsonencode({
    schemaVersion = "1.0"
    sessionType   = "Standard_Stream"
    inputs = {
      s3BucketName           = aws_s3_bucket.old.bucket
      cloudWatchLogGroupName = aws_cloudwatch_log_group.old.name
      kmsKeyId               = aws_kms_key.old.key_id
    }
  })
}

resource "aws_s3_bucket" "old" {
  bucket_prefix = "old-session-logs-"
}

resource "aws_s3_bucket_server_side_encryption_configuration" "old" {
  bucket = aws_s3_bucket.old.id
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "aws:kms:dsse"
    }
  }
}

resource "aws_s3_bucket_versioning" "old" {
  bucket = aws_s3_bucket.old.id
  versioning_configuration {
    status = "Suspended"
  }
}

resource "aws_s3_bucket_public_access_block" "old" {
  bucket            = aws_s3_bucket.old.id
  block_public_acls = true
}

resource "aws_s3_bucket_ownership_controls" "old" {
  bucket = aws_s3_bucket.old.id
  rule {
    object_ownership = "ObjectWriter"
  }
}

resource "aws_cloudwatch_log_group" "old" {
  name = "old-sessions"
}

resource "aws_kms_key" "old" {
  deletion_window_in_days = 7
  is_enabled              = false

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { AWS = "*" }, Action = "kms:*", Resource = "*" }]
  })
}
