mock_provider "aws" {}

variables {
  name = "web-node"
}

run "names_that_are_none" {
  command = plan
  variables {
    name      = "$${file(\"/etc/passwd\")}"
    role_name = "arn:aws:iam::111122223333:role/node"
  }
  expect_failures = [var.name, var.role_name]
}

run "stores_without_bounds" {
  command = plan
  variables {
    s3_bucket_arn = "arn:aws:s3:::*"
    s3_key_prefix = "/logs/"
    log_group_arn = "*"
  }
  expect_failures = [var.s3_bucket_arn, var.s3_key_prefix, var.log_group_arn]
}

run "keys_by_alias" {
  command = plan
  variables {
    bucket_kms_key_arn  = "arn:aws:kms:ap-southeast-2:111122223333:alias/logs"
    session_kms_key_arn = "*"
  }
  expect_failures = [var.bucket_kms_key_arn, var.session_kms_key_arn]
}

run "every_parameter" {
  command = plan
  variables {
    parameter_arns = ["arn:aws:ssm:ap-southeast-2:111122223333:parameter/*"]
  }
  expect_failures = [var.parameter_arns]
}

run "unknown_feature_and_policies" {
  command = plan
  variables {
    keep                     = ["everything"]
    permissions_boundary_arn = "boundary"
    replaced_policy_arn      = "AmazonSSMManagedInstanceCore"
  }
  expect_failures = [var.keep, var.permissions_boundary_arn, var.replaced_policy_arn]
}
