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

resource "aws_cloudwatch_log_group" "sessions" {
  name              = "/example/sessions"
  log_group_class   = "DELIVERY" # expect: CW-03 failed medium
  retention_in_days = 400
}
