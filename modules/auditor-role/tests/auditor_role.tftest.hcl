mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
}

variables {
  trusted_principal_arns = ["arn:aws:iam::111122223333:role/security-audit"]
}

run "reads_and_nothing_else" {
  command = plan

  assert {
    condition = alltrue(flatten([
      for statement in jsondecode(aws_iam_role_policy.this.policy).Statement : [
        for action in statement.Action : can(regex("^[a-z0-9]+:(Describe|Get|List|Lookup)", action))
      ]
    ]))
    error_message = "Every action reads."
  }

  assert {
    condition = length(setintersection(
      toset(flatten([for statement in jsondecode(aws_iam_role_policy.this.policy).Statement : statement.Action])),
      toset(["s3:GetObject", "ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath", "logs:GetLogEvents", "logs:FilterLogEvents", "kms:Decrypt"]),
    )) == 0
    error_message = "No object, parameter or log event can be read."
  }

  assert {
    condition     = jsondecode(aws_iam_role.this.assume_role_policy).Statement[0].Principal.AWS == ["arn:aws:iam::111122223333:role/security-audit"]
    error_message = "Only the principals named may assume the role."
  }

  assert {
    condition     = !can(jsondecode(aws_iam_role.this.assume_role_policy).Statement[0].Condition)
    error_message = "Without an external id there is no condition."
  }
}

run "narrowed_to_the_log_bucket" {
  command = plan
  variables {
    log_bucket_names = ["session-logs"]
    external_id      = "ssm-harden-2f6c"
  }

  assert {
    condition = [
      for statement in jsondecode(aws_iam_role_policy.this.policy).Statement : statement.Resource if statement.Sid == "ReadLogBuckets"
    ] == [["arn:aws:s3:::session-logs"]]
    error_message = "Only that bucket's settings can be read."
  }

  assert {
    condition     = jsondecode(aws_iam_role.this.assume_role_policy).Statement[0].Condition.StringEquals["sts:ExternalId"] == "ssm-harden-2f6c"
    error_message = "The external id is asked for."
  }
}

run "nobody_trusted" {
  command = plan
  variables {
    trusted_principal_arns = []
  }
  expect_failures = [var.trusted_principal_arns]
}

run "everybody_trusted" {
  command = plan
  variables {
    trusted_principal_arns = ["*"]
  }
  expect_failures = [var.trusted_principal_arns]
}
