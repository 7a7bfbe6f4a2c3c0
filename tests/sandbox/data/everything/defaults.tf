resource "aws_ssm_association" "a" {
  name                = "AWS-UpdateSSMAgent"
  association_name    = "agent"
  schedule_expression = "rate(14 days)"
  targets {
    key    = "InstanceIds"
    values = ["*"]
  }
}
resource "aws_ec2_instance_metadata_defaults" "m" {
  http_tokens                 = "required"
  http_put_response_hop_limit = 1
}
resource "aws_cloudwatch_log_resource_policy" "p" {
  policy_name     = "events"
  policy_document = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "events.amazonaws.com" }, Action = "logs:PutLogEvents", Resource = "*" }] })
}
resource "aws_sns_topic_policy" "p" {
  arn    = aws_sns_topic.t.arn
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "events.amazonaws.com" }, Action = "sns:Publish", Resource = aws_sns_topic.t.arn }] })
}
