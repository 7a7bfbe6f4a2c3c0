resource "aws_iam_role" "session" { # expect: ROLE-06 failed high
  name = "session"

  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy" "session" {
  name = "example"
  role = aws_iam_role.session.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "ssm:StartSession", Resource = ["arn:aws:ssm:*:*:managed-instance/*"] }]
  })
}

resource "aws_iam_role" "command" { # expect: ROLE-06 failed high
  name = "command"

  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy" "command" {
  name = "example"
  role = aws_iam_role.command.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "ssm:SendCommand", Resource = ["arn:aws:ssm:*:*:managed-instance/*", "arn:aws:ssm:*:*:document/*"] }]
  })
}
