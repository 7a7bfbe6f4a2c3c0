variable "calls" {
  type = list(string)
}

resource "aws_cloudwatch_event_rule" "sessions" { # expect: ACCT-03 undecided account
  name = "sessions"

  event_pattern = jsonencode({
    source = ["aws.ssm"]
    detail = { eventName = var.calls }
  })
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
