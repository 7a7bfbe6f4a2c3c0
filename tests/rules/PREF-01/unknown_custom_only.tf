# expect: PREF-01 undecided account
resource "aws_ssm_document" "prefs" {
  name          = "Example-Shell"
  document_type = "Session"

  content = jsonencode({
    schemaVersion = "1.0"
    sessionType   = "Standard_Stream"
    inputs = {
      s3BucketName = "example-session-logs"
    }
  })
}
