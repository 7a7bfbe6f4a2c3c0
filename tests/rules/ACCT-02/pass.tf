resource "aws_cloudtrail" "calls" { # expect: ACCT-02 passed account
  name                       = "example"
  s3_bucket_name             = "example-trail"
  is_multi_region_trail      = true
  enable_log_file_validation = true
  kms_key_id                 = aws_kms_key.trail.arn
}

resource "aws_kms_key" "trail" {
  enable_key_rotation = true
}

resource "aws_ssm_document" "prefs" {
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"

  content = jsonencode({
    schemaVersion = "1.0"
    sessionType   = "Standard_Stream"
    inputs        = { s3BucketName = "example-session-logs", s3EncryptionEnabled = true }
  })
}
