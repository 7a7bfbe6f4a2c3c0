mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws-us-gov" }
  }
  mock_data "aws_region" {
    defaults = { id = "us-gov-west-1" }
  }
  mock_data "aws_caller_identity" {
    defaults = { account_id = "111122223333" }
  }
}

variables {
  name                   = "session-operator"
  trusted_principal_arns = ["arn:aws-us-gov:iam::111122223333:role/engineers"]
  node_tag_values        = ["operators"]
}

run "a_new_role_asks_for_mfa_and_a_name" {
  command = plan

  assert {
    condition = jsondecode(aws_iam_role.this["session-operator"].assume_role_policy).Statement[0].Condition == {
      Bool       = { "aws:MultiFactorAuthPresent" = "true" }
      StringLike = { "sts:SourceIdentity" = "?*" }
    }
    error_message = "Who assumes the role shows MFA and says who it is."
  }

  assert {
    condition     = aws_iam_role_policy_attachment.grants.role == "session-operator" && length(aws_iam_role_policy_attachment.guard) == 3
    error_message = "Rights and guard are attached."
  }
}

run "sessions_on_tagged_nodes_with_the_preferences" {
  command = plan

  assert {
    condition = [for statement in jsondecode(aws_iam_policy.grants.policy).Statement : [statement.Resource, statement.Condition] if statement.Sid == "StartOnTaggedNodes"] == [[
      ["arn:aws-us-gov:ec2:us-gov-west-1:111122223333:instance/*", "arn:aws-us-gov:ssm:us-gov-west-1:111122223333:managed-instance/*"],
      { StringEquals = { "ssm:resourceTag/SessionAccess" = ["operators"] }, BoolIfExists = { "ssm:SessionDocumentAccessCheck" = "true" } },
    ]]
    error_message = "Sessions start on tagged nodes, with the check of the document."
  }

  assert {
    condition     = [for statement in jsondecode(aws_iam_policy.grants.policy).Statement : statement.Resource if statement.Sid == "UseApprovedDocuments"] == [["arn:aws-us-gov:ssm:us-gov-west-1:111122223333:document/SSM-SessionManagerRunShell"]]
    error_message = "The preferences are the document approved by default."
  }

  assert {
    condition     = [for statement in jsondecode(aws_iam_policy.grants.policy).Statement : statement.Condition if statement.Sid == "OwnSessions"] == [{ StringEquals = { "ssm:resourceTag/aws:ssmmessages:session-id" = ["$${aws:userid}"] } }]
    error_message = "Only one's own sessions are ended and resumed."
  }

  assert {
    condition     = !strcontains(aws_iam_policy.grants.policy, "SendCommand")
    error_message = "No command as root is granted."
  }
}

run "the_guard_denies_the_rest" {
  command = plan

  assert {
    condition = contains(
      [for statement in jsondecode(aws_iam_policy.guard["sessions"].policy).Statement : statement.Resource if statement.Sid == "NoUnrecordedDocuments"][0],
      "arn:aws-us-gov:ssm:*::document/AWS-StartSSHSession",
    )
    error_message = "Documents of AWS's are denied with their empty account, in the partition."
  }

  assert {
    condition = [for statement in jsondecode(aws_iam_policy.guard["sessions"].policy).Statement : statement.NotResource if statement.Sid == "NoOtherDocuments"] == [[
      "arn:aws-us-gov:ssm:us-gov-west-1:111122223333:document/SSM-SessionManagerRunShell",
      "arn:aws-us-gov:ec2:*:*:instance/*",
      "arn:aws-us-gov:ssm:*:*:managed-instance/*",
    ]]
    error_message = "Every document that is not approved is denied."
  }

  assert {
    condition     = [for statement in jsondecode(aws_iam_policy.guard["sessions"].policy).Statement : statement.Condition if statement.Sid == "NoOtherNodes"] == [{ StringNotEquals = { "ssm:resourceTag/SessionAccess" = ["operators"] } }]
    error_message = "Nodes with another tag, or none, are denied."
  }

  assert {
    condition = alltrue(flatten([for policy in aws_iam_policy.guard : [
      for statement in jsondecode(policy.policy).Statement : statement.Effect == "Deny" && !(can(statement.Condition) && length(try(statement.Condition, {})) == 0)
    ]]))
    error_message = "The guard only denies, and no condition is empty."
  }

  assert {
    condition = length(setsubtract(
      ["ssm:SendCommand", "ssm:StartAutomationExecution", "ssm:CreateAssociation", "iam:PassRole", "ec2:ReplaceIamInstanceProfileAssociation", "ssm:CreateActivation", "ecs:ExecuteCommand"],
      flatten([for statement in jsondecode(aws_iam_policy.guard["side-doors"].policy).Statement : statement.Action]),
    )) == 0
    error_message = "Other ways into nodes are denied."
  }

  assert {
    condition     = alltrue([for policy in aws_iam_policy.guard : length(policy.policy) <= 6144]) && length(aws_iam_policy.grants.policy) <= 6144
    error_message = "Each policy has room in IAM."
  }
}

run "exempt_principals_and_named_stores" {
  command = plan

  variables {
    guard_exempt_principal_arns = ["arn:aws-us-gov:iam::111122223333:role/break-glass"]
    evidence_arns = [
      "arn:aws-us-gov:s3:::session-logs",
      "arn:aws-us-gov:logs:us-gov-west-1:111122223333:log-group:/sessions",
      "arn:aws-us-gov:kms:us-gov-west-1:111122223333:key/k",
    ]
  }

  assert {
    condition = alltrue(flatten([for policy in aws_iam_policy.guard : [
      for statement in jsondecode(policy.policy).Statement : statement.Condition.ArnNotEquals["aws:PrincipalArn"] == ["arn:aws-us-gov:iam::111122223333:role/break-glass"]
    ]]))
    error_message = "No denial binds the break-glass role."
  }

  assert {
    condition     = [for statement in jsondecode(aws_iam_policy.guard["sessions"].policy).Statement : keys(statement.Condition) if statement.Sid == "NoOtherNodes"] == [["ArnNotEquals", "StringNotEquals"]]
    error_message = "The exemption is added to the condition on the tag."
  }

  assert {
    condition = [for statement in jsondecode(aws_iam_policy.guard["evidence"].policy).Statement : statement.Resource] == [
      ["arn:aws-us-gov:s3:::session-logs", "arn:aws-us-gov:s3:::session-logs/*"],
      ["arn:aws-us-gov:logs:us-gov-west-1:111122223333:log-group:/sessions", "arn:aws-us-gov:logs:us-gov-west-1:111122223333:log-group:/sessions:*"],
      ["arn:aws-us-gov:kms:us-gov-west-1:111122223333:key/k"],
    ]
    error_message = "Named stores bound the denial, each kind its own."
  }
}

run "an_existing_role_before_the_canary" {
  command = plan

  variables {
    role_name     = "existing"
    enforce_guard = false
  }

  assert {
    condition     = aws_iam_role_policy_attachment.grants.role == "existing" && length(aws_iam_role_policy_attachment.guard) == 0 && length(aws_iam_policy.guard) == 3
    error_message = "The rights are added; the denials are written but bind nobody."
  }

  assert {
    condition     = length(aws_iam_role.this) == 0
    error_message = "No second role is made."
  }
}

run "a_tunnel_that_is_approved" {
  command = plan

  variables {
    tunnel_document_arns = ["arn:aws-us-gov:ssm:*::document/AWS-StartSSHSession"]
    session_kms_key_arn  = "arn:aws-us-gov:kms:us-gov-west-1:111122223333:key/session"
  }

  assert {
    condition = !contains(
      [for statement in jsondecode(aws_iam_policy.guard["sessions"].policy).Statement : statement.Resource if statement.Sid == "NoUnrecordedDocuments"][0],
      "arn:aws-us-gov:ssm:*::document/AWS-StartSSHSession",
    )
    error_message = "The tunnel is not denied."
  }

  assert {
    condition     = contains([for statement in jsondecode(aws_iam_policy.grants.policy).Statement : statement.Resource if statement.Sid == "UseApprovedDocuments"][0], "arn:aws-us-gov:ssm:*::document/AWS-StartSSHSession")
    error_message = "The tunnel is granted."
  }

  assert {
    condition     = [for statement in jsondecode(aws_iam_policy.grants.policy).Statement : statement.Resource if statement.Sid == "StartTheChannel"] == [["arn:aws-us-gov:kms:us-gov-west-1:111122223333:key/session"]]
    error_message = "The session key is used, and no other."
  }
}
