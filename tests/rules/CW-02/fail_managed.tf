resource "aws_ssm_document" "prefs" {
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"

  content = jsonencode({
    schemaVersion = "1.0"
    sessionType   = "Standard_Stream"
    inputs = {
      cloudWatchLogGroupName = aws_cloudwatch_log_group.sessions.name
    }
  })
}

resource "aws_cloudwatch_log_group" "sessions" { # expect: CW-02 failed
  name       = "/example/sessions"
  kms_key_id = "arn:aws:kms:eu-west-1:111122223333:alias/aws/logs"
}
