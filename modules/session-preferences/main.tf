locals {
  has_bucket    = var.s3_bucket_name != null
  has_log_group = var.log_group_name != null

  # The service requires the limits as strings and the switches as booleans. For streaming, the agent does not accept
  # the string "true". An empty string means "not set".
  content = jsonencode(merge({ for text in var.description[*] : "description" => text }, {
    schemaVersion = "1.0"
    sessionType   = "Standard_Stream"
    inputs = {
      s3BucketName                = local.has_bucket ? var.s3_bucket_name : ""
      s3KeyPrefix                 = local.has_bucket ? var.s3_key_prefix : ""
      s3EncryptionEnabled         = local.has_bucket && var.s3_encryption_enabled
      cloudWatchLogGroupName      = local.has_log_group ? var.log_group_name : ""
      cloudWatchEncryptionEnabled = local.has_log_group && var.cloudwatch_encryption_enabled
      cloudWatchStreamingEnabled  = local.has_log_group && var.cloudwatch_streaming_enabled
      kmsKeyId                    = var.kms_key_arn == null ? "" : var.kms_key_arn
      runAsEnabled                = var.run_as_enabled
      runAsDefaultUser            = var.run_as_default_user
      idleSessionTimeout          = var.idle_session_timeout_minutes == null ? "" : tostring(var.idle_session_timeout_minutes)
      maxSessionDuration          = var.max_session_duration_minutes == null ? "" : tostring(var.max_session_duration_minutes)
      shellProfile                = var.shell_profile
    }
  }))
}

resource "aws_ssm_document" "this" {
  name            = var.document_name
  document_type   = "Session"
  document_format = "JSON"
  content         = local.content
  tags            = var.tags

  lifecycle {
    # Without the document, every session falls back to ssm-user, no recording, and no limit.
    prevent_destroy = true

    precondition {
      condition     = local.has_bucket || local.has_log_group
      error_message = "Set s3_bucket_name, log_group_name, or both. Without a destination, no session is recorded."
    }
  }
}
