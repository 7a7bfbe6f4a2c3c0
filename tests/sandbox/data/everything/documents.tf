resource "aws_cloudwatch_log_group" "g" {
  name              = "/sessions"
  retention_in_days = 365
  kms_key_id        = aws_kms_key.sessions.arn
  tags              = { a = "b" }
}
resource "aws_ssm_document" "preferences" {
  name            = "SSM-SessionManagerRunShell"
  document_type   = "Session"
  document_format = "JSON"
  content = jsonencode({
    schemaVersion = "1.0"
    description   = "prefs"
    sessionType   = "Standard_Stream"
    inputs = {
      s3BucketName                = aws_s3_bucket.logs.id
      s3KeyPrefix                 = "sessions"
      s3EncryptionEnabled         = true
      cloudWatchLogGroupName      = aws_cloudwatch_log_group.g.name
      cloudWatchEncryptionEnabled = true
      cloudWatchStreamingEnabled  = true
      kmsKeyId                    = aws_kms_key.sessions.arn
      runAsEnabled                = true
      runAsDefaultUser            = "operator"
      idleSessionTimeout          = var.idle
      maxSessionDuration          = "60"
      shellProfile                = { linux = "", windows = "" }
    }
  })
  tags = { a = "b" }
}
variable "idle" { default = "15" }
resource "aws_ssm_service_setting" "share" {
  setting_id    = "arn:${data.aws_partition.this.partition}:ssm:${data.aws_region.this.name}:${data.aws_caller_identity.me.account_id}:servicesetting/ssm/documents/console/public-sharing-permission"
  setting_value = "Disable"
}
