resource "aws_iam_role" "lent" {
  name               = "lent-to-everybody"
  assume_role_policy = "{}"
}

resource "aws_ssm_service_setting" "role" { # expect: ACCT-04 failed account
  setting_id    = "arn:aws:ssm:eu-west-1:123456789012:servicesetting/ssm/managed-instance/default-ec2-instance-management-role"
  setting_value = aws_iam_role.lent.name
}
