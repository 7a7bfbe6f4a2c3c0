# One account with every kind of fact that code can express, hardened as we advise.

terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region              = "ap-southeast-2"
  allowed_account_ids = ["123456789012"]
}

data "aws_caller_identity" "me" {}

locals {
  account = data.aws_caller_identity.me.account_id
  region  = "ap-southeast-2"
}

resource "aws_ssm_document" "preferences" {
  name            = "SSM-SessionManagerRunShell"
  document_type   = "Session"
  document_format = "JSON"

  content = jsonencode({
    schemaVersion = "1.0"
    description   = "Session Manager preferences"
    sessionType   = "Standard_Stream"
    inputs = {
      s3BucketName                = aws_s3_bucket.logs.id
      s3KeyPrefix                 = "sessions"
      s3EncryptionEnabled         = true
      cloudWatchLogGroupName      = aws_cloudwatch_log_group.sessions.name
      cloudWatchEncryptionEnabled = true
      cloudWatchStreamingEnabled  = true
      kmsKeyId                    = aws_kms_key.sessions.arn
      runAsEnabled                = true
      runAsDefaultUser            = "operator"
      idleSessionTimeout          = "15"
      maxSessionDuration          = "60"
      shellProfile                = { linux = "echo recorded", windows = "" }
    }
  })

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_ssm_document" "tail" {
  name            = "tail-one-log"
  document_type   = "Session"
  document_format = "YAML"
  permissions     = { type = "Share", account_ids = "210987654321,109876543210" }

  content = <<-YAML
    schemaVersion: "1.0"
    sessionType: InteractiveCommands
    parameters:
      log:
        type: String
        default: messages
        allowedValues: [messages, secure]
    properties:
      linux:
        commands: tail -f /var/log/{{ log }}
        runAsElevated: false
  YAML
}

resource "aws_ssm_document" "database" {
  name          = "database-tunnel"
  document_type = "Session"

  content = jsonencode({
    schemaVersion = "1.0"
    sessionType   = "Port"
    properties    = { portNumber = "5432", type = "LocalPortForwarding" }
  })
}

module "network" {
  source = "./network"
  region = local.region
}
