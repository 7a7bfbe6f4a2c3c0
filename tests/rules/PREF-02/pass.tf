resource "aws_ssm_document" "prefs" { # expect: PREF-02 passed
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"

  content = jsonencode({
    schemaVersion = "1.0"
    sessionType   = "Standard_Stream"
    inputs = {
      s3BucketName        = "example-session-logs"
      s3EncryptionEnabled = true
      idleSessionTimeout  = "15"
      maxSessionDuration  = "60"
    }
  })
}
