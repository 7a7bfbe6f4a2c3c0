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

resource "aws_iam_group" "staff" {
  name = "staff"
}

resource "aws_iam_group_policy_attachment" "staff" {
  group      = aws_iam_group.staff.name
  policy_arn = aws_iam_policy.sessions.arn
}

resource "aws_iam_user" "alice" {
  name = "alice"
}

resource "aws_iam_user_group_membership" "alice" {
  user   = aws_iam_user.alice.name
  groups = [aws_iam_group.staff.name]
}

resource "aws_iam_user_policy" "alice" {
  user   = aws_iam_user.alice.name
  name   = "own"
  policy = local.sessions
}

# Made elsewhere: this code only names it.
resource "aws_iam_user_policy" "on_call" {
  user   = "on-call"
  name   = "own"
  policy = local.sessions
}
