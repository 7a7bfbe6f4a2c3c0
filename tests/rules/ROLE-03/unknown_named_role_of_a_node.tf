# Other policies of the role may grant what this one does not.
resource "aws_iam_role_policy" "agent" { # expect: ROLE-03 undecided role fleet (named in aws_iam_role_policy.agent)
  name = "agent"
  role = "fleet"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "ssm:UpdateInstanceInformation", Resource = "*" }]
  })
}

resource "aws_iam_instance_profile" "fleet" {
  name = "fleet"
  role = "fleet"
}

resource "aws_instance" "web" {
  ami                  = "ami-0123456789abcdef0"
  instance_type        = "t3.micro"
  iam_instance_profile = aws_iam_instance_profile.fleet.name
}

# AmazonSSMManagedInstanceCore
