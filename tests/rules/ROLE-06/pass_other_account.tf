provider "aws" {
  region              = "eu-central-1"
  allowed_account_ids = ["111122223333"]
}

# Nodes of another account cannot be reached from here, whatever a policy says of them.
resource "aws_iam_role" "node" { # expect: ROLE-06 passed
  name = "example-node"

  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy" "node" {
  name = "example"
  role = aws_iam_role.node.name
  policy = jsonencode({
    Statement = [{ Effect = "Allow", Action = "ssm:StartSession", Resource = "arn:aws:ec2:*:444455556666:instance/*" }]
  })
}

resource "aws_iam_role" "denied" { # expect: ROLE-06 passed
  name               = "denied"
  assume_role_policy = aws_iam_role.node.assume_role_policy
}

resource "aws_iam_role_policy" "denied" {
  name = "example"
  role = aws_iam_role.denied.name
  policy = jsonencode({
    Statement = [
      { Effect = "Allow", Action = "ssm:SendCommand", Resource = "*" },
      { Effect = "Deny", Action = "*", Resource = ["arn:aws:ec2:*:*:instance/*", "arn:aws:ssm:*:*:managed-instance/*"] },
    ]
  })
}
