data "aws_partition" "this" {}

resource "aws_iam_role" "web" {
  name = "web"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = ["ec2.amazonaws.com", "ssm.amazonaws.com"], AWS = "*" }
      Action    = "sts:AssumeRole"
    }]
  })
  managed_policy_arns = ["arn:${data.aws_partition.this.partition}:iam::aws:policy/AdministratorAccess"]
}

resource "aws_iam_role_policy" "anything" {
  name_prefix = "anything-"
  role        = aws_iam_role.web.id
  policy      = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", NotAction = "iam:*", Resource = "*" }] })
}

resource "aws_iam_instance_profile" "web" {
  role = aws_iam_role.web.name
}
