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
  retention_in_days = 400
}

resource "aws_cloudwatch_log_account_policy" "short" {
  policy_name = "short"
  policy_type = "RETENTION_POLICY"
  policy_document = jsonencode({
    retentionInDays = 30 # expect: CW-03 failed medium
    enforcementMode = "RETROACTIVE"
  })
}
