mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_region" {
    defaults = { id = "ap-southeast-2" }
  }
  mock_data "aws_caller_identity" {
    defaults = { account_id = "111122223333" }
  }
}

variables {
  break_glass_role_arns = ["arn:aws:iam::*:role/break-glass"]
  pipeline_role_arns    = ["arn:aws:iam::111122223333:role/terraform"]
}

run "nothing_is_shared_with_the_public" {
  command = plan

  assert {
    condition     = aws_ssm_service_setting.public_sharing.setting_value == "Disable" && aws_ssm_service_setting.public_sharing.setting_id == "arn:aws:ssm:ap-southeast-2:111122223333:servicesetting/ssm/documents/console/public-sharing-permission"
    error_message = "Public sharing is off, by the setting's ARN."
  }

  assert {
    condition     = length(aws_ssm_service_setting.default_host_management) == 0
    error_message = "Default Host Management is left alone."
  }
}

run "somebody_hears_of_it" {
  command = plan

  assert {
    condition     = keys(aws_cloudwatch_event_rule.this) == ["keys", "sessions", "tampering"] && keys(aws_cloudwatch_event_target.topic) == ["keys", "sessions", "tampering"]
    error_message = "Starts, tampering and key changes raise alerts, each to the topic."
  }

  assert {
    condition     = jsondecode(aws_cloudwatch_event_rule.this["sessions"].event_pattern).detail.eventName == ["ResumeSession", "StartSession"]
    error_message = "Starts and resumptions raise alerts."
  }

  assert {
    condition = length(setsubtract(
      ["UpdateDocument", "DeleteDocument", "UpdateDocumentDefaultVersion", "UpdateServiceSetting"],
      jsondecode(aws_cloudwatch_event_rule.this["tampering"].event_pattern).detail.eventName,
    )) == 0
    error_message = "Changes of documents and settings raise alerts."
  }

  assert {
    condition     = aws_kms_key.this.enable_key_rotation && length(aws_sns_topic_subscription.this) == 0
    error_message = "The key rotates; nobody is subscribed unasked."
  }
}

run "alerts_arrive" {
  command = plan

  variables {
    subscriptions = [{ protocol = "email", endpoint = "security@example.com" }]
  }

  assert {
    condition = [for statement in jsondecode(aws_kms_key.this.policy).Statement : statement.Action if try(statement.Principal.Service, null) == ["events.amazonaws.com"]] == [["kms:Decrypt", "kms:GenerateDataKey*"]] && [
      for statement in jsondecode(aws_sns_topic_policy.this.policy).Statement : statement.Action if try(statement.Principal.Service, null) == ["events.amazonaws.com"]
    ] == [["sns:Publish"]]
    error_message = "EventBridge may publish, and use the key for it."
  }

  assert {
    condition     = aws_sns_topic_subscription.this["email security@example.com"].endpoint == "security@example.com"
    error_message = "The subscriber is told."
  }
}

run "the_policy_binds_all_but_those_named" {
  command = plan

  variables {
    guarded_document_names = ["Team-Shell"]
    log_store_arns = [
      "arn:aws:s3:::session-logs",
      "arn:aws:logs:ap-southeast-2:111122223333:log-group:/sessions:*",
      "arn:aws:kms:ap-southeast-2:111122223333:key/k",
    ]
  }

  assert {
    condition = alltrue([
      for statement in jsondecode(output.service_control_policy_json).Statement :
      statement.Effect == "Deny" && statement.Condition == { ArnNotLike = { "aws:PrincipalArn" = ["arn:aws:iam::*:role/break-glass", "arn:aws:iam::111122223333:role/terraform"] } }
    ])
    error_message = "Break glass and pipeline stay free of every denial."
  }

  assert {
    condition     = jsondecode(output.service_control_policy_json).Statement[0].Resource == ["arn:aws:ssm:*:*:document/SSM-SessionManagerRunShell", "arn:aws:ssm:*:*:document/Team-Shell"]
    error_message = "The preferences and the documents named are protected."
  }

  assert {
    condition = length(setsubtract(
      [
        "arn:aws:ssm:*:*:servicesetting/ssm/managed-instance/default-ec2-instance-management-role",
        "arn:aws:ssm:*:*:servicesetting/ssm/managed-instance/default-instance-management-role",
      ],
      jsondecode(output.service_control_policy_json).Statement[1].Resource,
    )) == 0
    error_message = "Default Host Management is protected in both spellings."
  }

  assert {
    condition = [for statement in jsondecode(output.service_control_policy_json).Statement : statement.Resource if contains(["RecordingsStayInS3", "RecordingsStayInLogs", "KeysStay"], statement.Sid)] == [
      ["arn:aws:s3:::session-logs", "arn:aws:s3:::session-logs/*"],
      ["arn:aws:logs:ap-southeast-2:111122223333:log-group:/sessions", "arn:aws:logs:ap-southeast-2:111122223333:log-group:/sessions:*"],
      ["arn:aws:kms:ap-southeast-2:111122223333:key/k"],
    ]
    error_message = "The log stores are protected."
  }

  assert {
    condition     = length(output.service_control_policy_json) <= 5120
    error_message = "Organizations takes 5,120 characters."
  }

  assert {
    condition     = jsondecode(aws_cloudwatch_event_rule.this["buckets"].event_pattern).detail.requestParameters.bucketName == ["session-logs", "(no further name)"] && jsondecode(aws_cloudwatch_event_rule.this["groups"].event_pattern).detail.requestParameters.logGroupName == ["/sessions", "(no further name)"]
    error_message = "Changes to these stores raise alerts, and changes to others do not."
  }
}

run "host_management_where_asked_for" {
  command = plan

  variables {
    default_host_management_role = "service-role/AWSSystemsManagerDefaultEC2InstanceManagementRole"
    alert_on_session_start       = false
  }

  assert {
    condition     = [for setting in aws_ssm_service_setting.default_host_management : setting.setting_value] == ["service-role/AWSSystemsManagerDefaultEC2InstanceManagementRole"]
    error_message = "The role is set."
  }

  assert {
    condition     = !contains(keys(aws_cloudwatch_event_rule.this), "sessions")
    error_message = "Starts are counted elsewhere."
  }
}

run "nobody_exempt" {
  command = plan
  variables {
    break_glass_role_arns = []
    pipeline_role_arns    = []
  }
  expect_failures = [output.service_control_policy_json]
}

run "nobody_exempt_by_choice" {
  command = plan
  variables {
    break_glass_role_arns = []
    pipeline_role_arns    = []
    no_exemption_accepted = true
  }

  assert {
    condition     = alltrue([for statement in jsondecode(output.service_control_policy_json).Statement : !can(statement.Condition)])
    error_message = "The policy binds everybody."
  }
}
