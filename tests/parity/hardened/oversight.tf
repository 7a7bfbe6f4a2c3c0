resource "aws_ssm_service_setting" "sharing" {
  setting_id    = "arn:aws:ssm:${local.region}:${local.account}:servicesetting/ssm/documents/console/public-sharing-permission"
  setting_value = "Disable"
}

resource "aws_cloudtrail" "all" {
  name                       = "all-regions"
  s3_bucket_name             = aws_s3_bucket.logs.id
  s3_key_prefix              = "trail"
  is_multi_region_trail      = true
  enable_log_file_validation = true
  kms_key_id                 = aws_kms_key.logs.arn

  event_selector {
    read_write_type                  = "WriteOnly"
    exclude_management_event_sources = ["kms.amazonaws.com"]
  }

  depends_on = [aws_s3_bucket_policy.logs]
}

resource "aws_cloudtrail" "data" {
  name           = "data-only"
  s3_bucket_name = aws_s3_bucket.logs.id
  enable_logging = false

  advanced_event_selector {
    field_selector {
      field  = "eventCategory"
      equals = ["Data"]
    }
    field_selector {
      field  = "resources.type"
      equals = ["AWS::S3::Object"]
    }
  }

  depends_on = [aws_s3_bucket_policy.logs]
}
