resource "aws_sns_topic" "alerts" {
  name = "alerts"
}

resource "aws_cloudwatch_event_rule" "sessions" {
  name = "sessions"
  event_pattern = jsonencode({
    source      = ["aws.ssm"]
    detail-type = ["AWS API Call via CloudTrail"]
    detail = {
      eventSource = ["ssm.amazonaws.com"]
      eventName   = ["StartSession", "UpdateDocument", { prefix = "Delete" }]
    }
  })
}

resource "aws_cloudwatch_event_target" "sessions" {
  rule = aws_cloudwatch_event_rule.sessions.name
  arn  = aws_sns_topic.alerts.arn
}

resource "aws_cloudwatch_event_rule" "keys" {
  name          = "keys"
  state         = "DISABLED"
  event_pattern = jsonencode({ source = ["aws.kms"] })
}
