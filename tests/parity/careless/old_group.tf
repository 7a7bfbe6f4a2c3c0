resource "aws_cloudwatch_log_group" "old" {
  name = "old-sessions"
}

resource "aws_kms_key" "old" {
  deletion_window_in_days = 7
  is_enabled              = false

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { AWS = "*" }, Action = "kms:*", Resource = "*" }]
  })
}
