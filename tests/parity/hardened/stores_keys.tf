resource "aws_cloudwatch_log_group" "sessions" {
  name              = "/ssm/sessions"
  retention_in_days = 400
  kms_key_id        = aws_kms_key.logs.arn
}

resource "aws_kms_key" "sessions" {
  description             = "The session channel"
  enable_key_rotation     = true
  deletion_window_in_days = 30
}

resource "aws_kms_alias" "sessions" {
  name          = "alias/sessions"
  target_key_id = aws_kms_key.sessions.key_id
}

resource "aws_kms_key" "logs" {
  description         = "Recorded sessions"
  enable_key_rotation = true
  policy              = data.aws_iam_policy_document.logs_key.json
}
