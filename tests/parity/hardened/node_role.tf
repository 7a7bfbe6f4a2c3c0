resource "aws_iam_policy" "limit" {
  name   = "node-limit"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }] })
}

resource "aws_iam_role" "node" {
  name                 = "node"
  path                 = "/nodes/"
  assume_role_policy   = data.aws_iam_policy_document.by_ec2.json
  permissions_boundary = aws_iam_policy.limit.arn
}

resource "aws_iam_role_policy_attachment" "node" {
  role       = aws_iam_role.node.name
  policy_arn = aws_iam_policy.session.arn
}
