resource "aws_ssm_document" "prefs" {
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"

  content = jsonencode({
    schemaVersion = "1.0"
    sessionType   = "Standard_Stream"
    inputs = {
      s3BucketName     = "example-session-logs"
      runAsEnabled     = true
      runAsDefaultUser = "operator"
    }
  })
}

resource "aws_ssm_document" "custom" { # expect: PREF-11 failed medium
  name          = "Example-Shell"
  document_type = "Session"

  content = jsonencode({
    schemaVersion = "1.0"
    sessionType   = "Standard_Stream"
    inputs = {
      s3BucketName        = "example-session-logs"
      s3EncryptionEnabled = true
    }
  })
}
