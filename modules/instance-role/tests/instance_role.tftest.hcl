mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws", dns_suffix = "amazonaws.com" }
  }
  mock_data "aws_region" {
    defaults = { id = "ap-southeast-2" }
  }
}

variables {
  name                = "web-node"
  s3_bucket_arn       = "arn:aws:s3:::session-logs-111122223333"
  bucket_kms_key_arn  = "arn:aws:kms:ap-southeast-2:111122223333:key/bucket"
  log_group_arn       = "arn:aws:logs:ap-southeast-2:111122223333:log-group:/aws/ssm/session-logs:*"
  session_kms_key_arn = "arn:aws:kms:ap-southeast-2:111122223333:key/session"
}

run "a_new_role_for_ec2" {
  command = plan

  assert {
    condition     = jsondecode(aws_iam_role.this["web-node"].assume_role_policy).Statement[0].Principal == { Service = "ec2.amazonaws.com" }
    error_message = "Only EC2 assumes the role."
  }

  assert {
    condition     = aws_iam_instance_profile.this["web-node"].role == "web-node"
    error_message = "The instance profile carries the role."
  }

  assert {
    condition     = aws_iam_role_policy_attachment.minimum.role == "web-node" && aws_iam_role_policy_attachment.logging.role == "web-node"
    error_message = "Both policies are attached to it."
  }
}

run "records_and_reads_nothing_back" {
  command = plan

  assert {
    condition = toset(flatten([for statement in jsondecode(aws_iam_policy.logging.policy).Statement : statement.Action])) == toset([
      "kms:Decrypt", "kms:GenerateDataKey", "logs:CreateLogStream", "logs:DescribeLogGroups", "logs:DescribeLogStreams",
      "logs:PutLogEvents", "s3:GetEncryptionConfiguration", "s3:PutObject",
    ])
    error_message = "Recording takes these calls and no other."
  }

  assert {
    condition     = [for statement in jsondecode(aws_iam_policy.logging.policy).Statement : statement.Resource if statement.Sid == "UploadRecordings"] == [["arn:aws:s3:::session-logs-111122223333/session-logs/*"]]
    error_message = "Uploads reach the prefix only."
  }

  assert {
    condition = [for statement in jsondecode(aws_iam_policy.logging.policy).Statement : statement.Resource if statement.Sid == "WriteLogStreams"] == [[
      "arn:aws:logs:ap-southeast-2:111122223333:log-group:/aws/ssm/session-logs",
      "arn:aws:logs:ap-southeast-2:111122223333:log-group:/aws/ssm/session-logs:*",
    ]]
    error_message = "Streams are written in the one group."
  }

  assert {
    condition = [for statement in jsondecode(aws_iam_policy.logging.policy).Statement : statement.Condition if statement.Sid == "FinishMultipartUploads"] == [
      { StringEquals = { "kms:ViaService" = ["s3.ap-southeast-2.amazonaws.com"] } }
    ]
    error_message = "The bucket's key decrypts through S3 alone."
  }
}

run "the_minimum_reads_no_parameter" {
  command = plan

  assert {
    condition = flatten([for statement in jsondecode(aws_iam_policy.minimum.policy).Statement : statement.Action]) == [
      "ssm:UpdateInstanceInformation", "ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel",
      "ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel",
    ]
    error_message = "Sessions need the heartbeat and the channels."
  }
}

run "what_is_used_stays" {
  command = plan

  variables {
    keep           = ["associations", "patching", "packages", "inventory", "run-command"]
    parameter_arns = ["arn:aws:ssm:ap-southeast-2:111122223333:parameter/app/*"]
  }

  assert {
    condition = length(setsubtract(
      ["ssm:ListInstanceAssociations", "ssm:PutInventory", "ssm:GetDeployablePatchSnapshotForInstance", "ssm:PutConfigurePackageResult", "ec2messages:GetMessages"],
      flatten([for statement in jsondecode(aws_iam_policy.minimum.policy).Statement : statement.Action]),
    )) == 0
    error_message = "Every feature kept has its rights."
  }

  assert {
    condition     = [for statement in jsondecode(aws_iam_policy.minimum.policy).Statement : statement.Resource if contains(statement.Action, "ssm:GetParameter")] == [["arn:aws:ssm:ap-southeast-2:111122223333:parameter/app/*"]]
    error_message = "Parameters are read by name only."
  }
}

run "an_existing_role_keeps_its_policy_until_the_canary" {
  command = plan

  variables {
    role_name           = "existing"
    replaced_policy_arn = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
  }

  assert {
    condition     = aws_iam_role_policy_attachment.minimum.policy_arn == "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore" && aws_iam_role_policy_attachment.minimum.role == "existing"
    error_message = "What is attached stays attached."
  }

  assert {
    condition     = aws_iam_role_policy_attachment.logging.role == "existing"
    error_message = "The rights to record are added at once."
  }

  assert {
    condition     = length(aws_iam_role.this) == 0 && length(aws_iam_instance_profile.this) == 0 && output.role_arn == null && output.instance_profile_name == null
    error_message = "No second role is made."
  }
}

run "after_the_canary_it_is_swapped" {
  command = apply

  variables {
    role_name           = "existing"
    replaced_policy_arn = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
    canary_passed       = true
  }

  override_resource {
    target = aws_iam_policy.minimum
    values = { arn = "arn:aws:iam::111122223333:policy/web-node-session-minimum" }
  }

  override_resource {
    target = aws_iam_policy.logging
    values = { arn = "arn:aws:iam::111122223333:policy/web-node-session-logging" }
  }

  assert {
    condition     = aws_iam_role_policy_attachment.minimum.policy_arn == "arn:aws:iam::111122223333:policy/web-node-session-minimum"
    error_message = "The minimum takes the place of the policy."
  }
}

run "a_bucket_of_another_account" {
  command = plan

  variables {
    cross_account_bucket = true
    s3_key_prefix        = ""
    bucket_kms_key_arn   = null
    log_group_arn        = null
    session_kms_key_arn  = null
  }

  assert {
    condition     = jsondecode(aws_iam_policy.logging.policy).Statement[0].Action == ["s3:PutObject", "s3:PutObjectAcl"] && jsondecode(aws_iam_policy.logging.policy).Statement[0].Resource == ["arn:aws:s3:::session-logs-111122223333/*"]
    error_message = "The ACL that the agent sends is allowed there."
  }

  assert {
    condition     = length(jsondecode(aws_iam_policy.logging.policy).Statement) == 2
    error_message = "What is off gets no right."
  }
}

run "nothing_on" {
  command = plan

  variables {
    s3_bucket_arn       = null
    bucket_kms_key_arn  = null
    log_group_arn       = null
    session_kms_key_arn = null
  }

  assert {
    condition     = [for statement in jsondecode(aws_iam_policy.logging.policy).Statement : statement.Action] == [["ssm:UpdateInstanceInformation"]]
    error_message = "A policy is never empty."
  }
}
