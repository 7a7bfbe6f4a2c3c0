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
