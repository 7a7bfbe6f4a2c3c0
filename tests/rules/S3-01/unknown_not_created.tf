resource "aws_ssm_document" "prefs" { # expect: S3-01 undecided
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"

  content = jsonencode({
    schemaVersion = "1.0"
    sessionType   = "Standard_Stream"
    inputs = {
      s3BucketName = "example-session-logs"
    }
  })
}

resource "aws_s3_bucket" "logs" {
  count  = 0
  bucket = "example-session-logs"
}
