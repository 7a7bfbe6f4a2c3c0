locals {
  sessions = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "ssm:StartSession", Resource = "*" }]
  })
}

resource "aws_iam_policy" "sessions" {
  name   = "sessions"
  policy = local.sessions
}

resource "aws_iam_policy" "nobodys" {
  name   = "nobodys"
  policy = local.sessions
}

resource "aws_iam_role" "operators" {
  name                 = "operators"
  permissions_boundary = aws_iam_policy.edge.arn
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { AWS = "arn:aws:iam::123456789012:root" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_iam_policy" "edge" {
  name   = "edge"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "ssm:*", Resource = "*" }] })
}

resource "aws_iam_role_policy_attachment" "operators" {
  role       = aws_iam_role.operators.name
  policy_arn = aws_iam_policy.sessions.arn
}
