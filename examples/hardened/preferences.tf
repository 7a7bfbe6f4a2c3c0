resource "aws_ssm_document" "preferences" {
  name            = "SSM-SessionManagerRunShell"
  document_type   = "Session"
  document_format = "JSON"

  content = jsonencode({
    schemaVersion = "1.0"
    description   = "Session Manager preferences (managed by Terraform)"
    sessionType   = "Standard_Stream"
    inputs = {
      s3BucketName                = aws_s3_bucket.logs.id
      s3KeyPrefix                 = local.key_prefix
      s3EncryptionEnabled         = true
      cloudWatchLogGroupName      = aws_cloudwatch_log_group.sessions.name
      cloudWatchEncryptionEnabled = true
      cloudWatchStreamingEnabled  = true
      kmsKeyId                    = aws_kms_key.session.arn
      runAsEnabled                = true
      runAsDefaultUser            = "operator"
      idleSessionTimeout          = "15"
      maxSessionDuration          = "60"
      shellProfile = {
        linux   = ""
        windows = ""
      }
    }
  })

  lifecycle {
    prevent_destroy = true
  }

  # The preferences come last, when the stores they name are ready.
  depends_on = [
    aws_s3_bucket_policy.logs,
    aws_s3_bucket_server_side_encryption_configuration.logs,
    aws_iam_role_policy.node,
  ]
}
