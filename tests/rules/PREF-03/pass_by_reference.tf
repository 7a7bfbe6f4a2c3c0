resource "aws_ssm_document" "prefs" { # expect: PREF-03 passed
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"

  content = jsonencode({
    schemaVersion = "1.0"
    sessionType   = "Standard_Stream"
    inputs = {
      cloudWatchLogGroupName = aws_cloudwatch_log_group.sessions.name
      s3BucketName           = var.bucket
    }
  })
}

resource "aws_cloudwatch_log_group" "sessions" {
  name_prefix = "sessions"
}

variable "bucket" {
  type = string
}
