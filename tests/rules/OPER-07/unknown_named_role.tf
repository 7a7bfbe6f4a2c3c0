provider "aws" {
  allowed_account_ids = ["111122223333"]
}

# Without sessions, only its trust policy says whether people or services use the role.
resource "aws_iam_role_policy" "deploy" { # expect: OPER-07 undecided role deploy (named in aws_iam_role_policy.deploy)
  name = "deploy"
  role = "deploy"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["iam:AttachRolePolicy", "ssm:PutParameter"], Resource = "*" }]
  })
}

# AmazonSSMManagedInstanceCore
