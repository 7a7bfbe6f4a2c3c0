resource "aws_cloudwatch_event_rule" "sessions" { # expect: ACCT-03 passed account
  name = "sessions"

  event_pattern = jsonencode({
    source      = ["aws.ssm", "aws.kms"]
    detail-type = ["AWS API Call via CloudTrail"]
    detail = {
      eventName = [
        "StartSession", "UpdateDocument", "DeleteDocument", "UpdateServiceSetting", "DisableKey", "ScheduleKeyDeletion",
      ]
    }
  })
}

resource "aws_cloudwatch_event_target" "sessions" {
  rule = aws_cloudwatch_event_rule.sessions.name
  arn  = aws_sns_topic.alerts.arn
}

resource "aws_sns_topic" "alerts" {
  name = "session-alerts"
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
