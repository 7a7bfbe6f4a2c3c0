resource "aws_cloudtrail" "calls" { # expect: ACCT-02 failed account
  name           = "example"
  s3_bucket_name = "example-trail"
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
