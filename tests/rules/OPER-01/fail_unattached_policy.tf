provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111122223333"]
}

resource "aws_iam_policy" "support" {
  name = "support"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "ssm:StartSession", Resource = "*" }] # expect: OPER-01 failed medium aws_iam_policy.support
  })
}

# A boundary grants nothing: nobody is judged by it.
resource "aws_iam_policy" "limit" {
  name = "limit"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }]
  })
}

resource "aws_iam_user" "nobody" {
  name                 = "nobody"
  permissions_boundary = aws_iam_policy.limit.arn
}
