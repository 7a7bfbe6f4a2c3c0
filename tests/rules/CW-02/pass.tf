resource "aws_ssm_document" "prefs" {
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"

  content = jsonencode({
    schemaVersion = "1.0"
    sessionType   = "Standard_Stream"
    inputs = {
      cloudWatchLogGroupName      = aws_cloudwatch_log_group.sessions.name
      cloudWatchEncryptionEnabled = true
    }
  })
}

resource "aws_cloudwatch_log_group" "sessions" { # expect: CW-02 passed
  name       = "/example/sessions"
  kms_key_id = aws_kms_key.sessions.arn
}

resource "aws_kms_key" "sessions" {
  description = "Sessions"
}
