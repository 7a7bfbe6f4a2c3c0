locals {
  start = { Effect = "Allow", Action = "ssm:StartSession", Resource = "*" }
  far   = merge(local.start, { Resource = "arn:aws:ec2:us-east-1:123456789012:instance/*" })
  trust = { Effect = "Allow", Action = "sts:AssumeRole" }
  root  = merge(local.trust, { Principal = { AWS = "arn:aws:iam::123456789012:root" } })
  ec2   = merge(local.trust, { Principal = { Service = "ec2.amazonaws.com" } })
}

resource "aws_iam_role" "operators" {
  name                 = "operators"
  permissions_boundary = aws_iam_policy.named["limit"].arn
  assume_role_policy   = jsonencode({ Version = "2012-10-17", Statement = [local.root] })
}

resource "aws_iam_role_policy" "operators" {
  role   = aws_iam_role.operators.name
  policy = jsonencode({ Version = "2012-10-17", Statement = [local.start] })
}

resource "aws_iam_role_policy_attachment" "operators" {
  role       = aws_iam_role.operators.name
  policy_arn = aws_iam_policy.named["attached"].arn
}

resource "aws_iam_role" "node" {
  name               = "node"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [local.ec2] })
}

resource "aws_iam_role_policy_attachment" "node" {
  role       = aws_iam_role.node.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
}

resource "aws_iam_instance_profile" "node" {
  name = "node"
  role = aws_iam_role.node.name
}
