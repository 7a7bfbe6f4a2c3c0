resource "aws_ssm_document" "prefs" { # expect: PREF-10 failed high
  name          = "Example-Shell"
  document_type = "Session"

  permissions = {
    type        = "Share"
    account_ids = "111122223333"
  }

  content = jsonencode({
    schemaVersion = "1.0"
    sessionType   = "Standard_Stream"
    inputs = {
      s3BucketName = "example-session-logs"
    }
  })
}
