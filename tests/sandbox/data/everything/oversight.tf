resource "aws_cloudtrail" "t" {
  name                       = "trail"
  s3_bucket_name             = aws_s3_bucket.logs.id
  is_multi_region_trail      = true
  enable_log_file_validation = true
  kms_key_id                 = aws_kms_key.sessions.arn
  tags                       = { a = "b" }
  depends_on                 = [aws_s3_bucket_policy.logs]
}
resource "aws_sns_topic" "t" { name = "alerts" }
resource "aws_cloudwatch_event_rule" "r" {
  name          = "sessions"
  description   = "session started"
  event_pattern = jsonencode({ source = ["aws.ssm"], "detail-type" = ["AWS API Call via CloudTrail"], detail = { eventName = ["StartSession"] } })
  tags          = { a = "b" }
}
resource "aws_cloudwatch_event_target" "t" {
  rule      = aws_cloudwatch_event_rule.r.name
  arn       = aws_sns_topic.t.arn
  target_id = "sns"
}
