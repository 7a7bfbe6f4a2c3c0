provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111122223333"]
}

resource "aws_iam_user_policy" "on_call" {
  name = "sessions"
  user = "on-call"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "ssm:StartSession", Resource = "*" }] # expect: OPER-01 failed high user on-call (named in aws_iam_user_policy.on_call)
  })
}
