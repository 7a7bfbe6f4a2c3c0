resource "aws_ssm_document" "custom" { # expect: PREF-11 passed
  name          = "Example-Shell"
  document_type = "Session"

  content = jsonencode({
    schemaVersion = "1.0"
    sessionType   = "Standard_Stream"
    inputs = {
      s3BucketName        = "example-session-logs"
      s3EncryptionEnabled = true
      idleSessionTimeout  = "15"
    }
  })
}
