resource "aws_ssm_document" "prefs" { # expect: PREF-10 failed critical
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"

  permissions = {
    type        = "Share"
    account_ids = "All"
  }

  content = jsonencode({
    schemaVersion = "1.0"
    sessionType   = "Standard_Stream"
    inputs = {
      s3BucketName = "example-session-logs"
    }
  })
}
