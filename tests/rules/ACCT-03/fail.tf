resource "aws_cloudwatch_event_rule" "starts" { # expect: ACCT-03 failed account
  name = "session-starts"

  event_pattern = jsonencode({
    source      = ["aws.ssm"]
    detail-type = ["AWS API Call via CloudTrail"]
    detail      = { eventName = ["StartSession"] }
  })
}

resource "aws_cloudwatch_event_target" "starts" {
  rule = aws_cloudwatch_event_rule.starts.name
  arn  = "arn:aws:sns:eu-west-1:111122223333:alerts"
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
