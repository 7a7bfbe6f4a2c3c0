mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "111122223333" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws-cn", dns_suffix = "amazonaws.com.cn" }
  }
  mock_data "aws_region" {
    defaults = { id = "cn-north-1" }
  }
}

variables {
  node_role_arns     = ["arn:aws-cn:iam::111122223333:role/node"]
  operator_role_arns = ["arn:aws-cn:iam::111122223333:role/operator"]
  log_reader_arns    = ["arn:aws-cn:iam::111122223333:role/auditor"]
}

run "every_key_rotates_and_waits" {
  command = plan

  assert {
    condition     = toset(keys(aws_kms_key.this)) == toset(["bucket", "logs", "session"])
    error_message = "Each purpose has a key of its own."
  }

  assert {
    condition     = alltrue([for key in aws_kms_key.this : key.enable_key_rotation && key.rotation_period_in_days == 365 && key.deletion_window_in_days == 30])
    error_message = "Every key rotates yearly and waits 30 days for its deletion."
  }

  assert {
    condition     = aws_kms_alias.this["session"].name == "alias/ssm-session-session"
    error_message = "The alias tells the purpose."
  }
}

run "the_account_keeps_every_key" {
  command = plan

  assert {
    condition = alltrue([
      for key in aws_kms_key.this :
      jsondecode(key.policy).Statement[0].Principal.AWS == ["arn:aws-cn:iam::111122223333:root"] &&
      jsondecode(key.policy).Statement[0].Action == ["kms:*"]
    ])
    error_message = "Every key delegates to the account it is in, so nobody is locked out."
  }
}

run "duties_are_apart" {
  command = plan

  assert {
    condition = {
      for statement in jsondecode(aws_kms_key.this["session"].policy).Statement : statement.Sid => [statement.Action, statement.Principal.AWS]
      if statement.Sid != "AccountAdministersThroughIam"
      } == {
      NodesOpenTheChannel      = [["kms:Decrypt"], ["arn:aws-cn:iam::111122223333:role/node"]]
      OperatorsStartTheChannel = [["kms:GenerateDataKey"], ["arn:aws-cn:iam::111122223333:role/operator"]]
    }
    error_message = "On the session key nodes decrypt and operators make data keys."
  }

  assert {
    condition = {
      for statement in jsondecode(aws_kms_key.this["bucket"].policy).Statement : statement.Sid => [statement.Action, statement.Principal.AWS]
      if statement.Sid != "AccountAdministersThroughIam"
      } == {
      NodesEncryptUploads         = [["kms:GenerateDataKey"], ["arn:aws-cn:iam::111122223333:role/node"]]
      NodesFinishMultipartUploads = [["kms:Decrypt"], ["arn:aws-cn:iam::111122223333:role/node"]]
      ReadersDecryptThroughS3     = [["kms:Decrypt"], ["arn:aws-cn:iam::111122223333:role/auditor"]]
    }
    error_message = "On the bucket key nodes encrypt and readers decrypt."
  }

  assert {
    condition = alltrue([
      for statement in jsondecode(aws_kms_key.this["bucket"].policy).Statement :
      statement.Condition.StringEquals["kms:ViaService"] == ["s3.cn-north-1.amazonaws.com.cn"]
      if contains(statement.Action, "kms:Decrypt")
    ])
    error_message = "Nobody decrypts with the bucket key but through S3."
  }

  assert {
    condition     = alltrue([for purpose in ["bucket", "logs"] : !strcontains(aws_kms_key.this[purpose].policy, "role/operator")])
    error_message = "Operators stand on no key that opens a recording."
  }
}

run "cloudwatch_serves_one_group" {
  command = plan

  assert {
    condition     = jsondecode(aws_kms_key.this["logs"].policy).Statement[1].Principal.Service == ["logs.cn-north-1.amazonaws.com.cn"]
    error_message = "The principal is CloudWatch Logs of this region."
  }

  assert {
    condition     = jsondecode(aws_kms_key.this["logs"].policy).Statement[1].Condition.ArnEquals["kms:EncryptionContext:aws:logs:arn"] == ["arn:aws-cn:logs:cn-north-1:111122223333:log-group:/aws/ssm/session-logs"]
    error_message = "The key serves the one log group."
  }

  assert {
    condition     = length(jsondecode(aws_kms_key.this["logs"].policy).Statement) == 2
    error_message = "Nobody else stands in the policy of the logs key."
  }
}

run "cloudwatch_serves_every_named_group" {
  command = plan

  variables {
    further_log_group_names = ["/other"]
  }

  assert {
    condition     = jsondecode(aws_kms_key.this["logs"].policy).Statement[1].Condition.ArnEquals["kms:EncryptionContext:aws:logs:arn"] == ["arn:aws-cn:logs:cn-north-1:111122223333:log-group:/aws/ssm/session-logs", "arn:aws-cn:logs:cn-north-1:111122223333:log-group:/other"]
    error_message = "The key serves each group by its name."
  }
}

run "no_principal_no_statement" {
  command = plan

  variables {
    node_role_arns     = []
    operator_role_arns = []
    log_reader_arns    = []
  }

  assert {
    condition     = length(jsondecode(aws_kms_key.this["session"].policy).Statement) == 1 && length(jsondecode(aws_kms_key.this["bucket"].policy).Statement) == 1
    error_message = "KMS refuses a statement with no principal, so there must be none."
  }
}

run "only_the_keys_asked_for" {
  command = plan

  variables {
    purposes = ["session"]
  }

  assert {
    condition     = keys(aws_kms_key.this) == ["session"] && output.bucket_key_arn == null && output.log_group_key_arn == null
    error_message = "A purpose that was not asked for has no key and a null output."
  }
}
