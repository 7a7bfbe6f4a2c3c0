provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111122223333"]
}

resource "aws_iam_policy" "agent" {
  name = "agent"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["ssm:UpdateInstanceInformation", "ssmmessages:*", "ssm:GetParameter"]
      Resource = "*" # expect: ROLE-02 failed low aws_iam_policy.agent
    }]
  })
}
