# What the role may do beyond this is elsewhere: the scope here is no pass.
resource "aws_iam_role_policy" "sessions" { # expect: OPER-01 undecided role support (named in aws_iam_role_policy.sessions)
  name = "sessions"
  role = "support"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "ssm:StartSession"
      Resource  = "arn:aws:ec2:*:111122223333:instance/*"
      Condition = { StringEquals = { "ssm:resourceTag/Team" = "support" } }
    }]
  })
}
