resource "aws_iam_role" "default_management" {
  name               = "default-management"
  assume_role_policy = data.aws_iam_policy_document.by_systems_manager.json
}

resource "aws_iam_role_policy_attachment" "default_management" {
  role       = aws_iam_role.default_management.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonSSMManagedEC2InstanceDefaultPolicy"
}

resource "aws_iam_role" "hybrid" {
  name               = "hybrid"
  assume_role_policy = data.aws_iam_policy_document.by_systems_manager.json

  inline_policy {
    name = "session"
    policy = jsonencode({
      Version   = "2012-10-17"
      Statement = { Effect = "Allow", Action = "ssmmessages:*", Resource = "*" }
    })
  }
}

resource "aws_ssm_activation" "hybrid" {
  iam_role           = aws_iam_role.hybrid.name
  registration_limit = 3
  expiration_date    = "2099-01-10T02:00:00Z"
}

resource "aws_ssm_service_setting" "management_role" {
  setting_id    = "arn:aws:ssm:${local.region}:${local.account}:servicesetting/ssm/managed-instance/default-ec2-instance-management-role"
  setting_value = aws_iam_role.default_management.name
}
