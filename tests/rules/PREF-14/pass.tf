resource "aws_ssm_document" "prefs" { # expect: PREF-14 passed
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"

  content = jsonencode({
    schemaVersion = "1.0"
    sessionType   = "Standard_Stream"
    inputs = {
      s3BucketName        = aws_s3_bucket.sessions.id
      s3EncryptionEnabled = true
    }
  })
}

resource "aws_s3_bucket" "sessions" {
  bucket = "example-session-logs"
}
