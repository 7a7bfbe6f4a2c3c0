data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

locals {
  account_id = data.aws_caller_identity.current.account_id
  partition  = data.aws_partition.current.partition
  # The id is the name of the Region in every provider release. The attribute "name" is deprecated.
  region = data.aws_region.current.id

  # The provider compares settings by ARN. With only the ID, every plan would show a change.
  settings_arn = "arn:${local.partition}:ssm:${local.region}:${local.account_id}:servicesetting"

  topic_arn = "arn:${local.partition}:sns:${local.region}:${local.account_id}:${var.name}"

  # Not filtered by document or key, because a call may name its object by ID, name, alias or ARN.
  patterns = {
    sessions = {
      source      = ["aws.ssm"]
      detail-type = ["AWS API Call via CloudTrail"]
      detail = {
        eventSource = ["ssm.amazonaws.com"]
        eventName   = ["ResumeSession", "StartSession"]
      }
    }
    tampering = {
      source      = ["aws.ssm"]
      detail-type = ["AWS API Call via CloudTrail"]
      detail = {
        eventSource = ["ssm.amazonaws.com"]
        eventName = [
          "CreateDocument",
          "DeleteDocument",
          "ModifyDocumentPermission",
          "ResetServiceSetting",
          "UpdateDocument",
          "UpdateDocumentDefaultVersion",
          "UpdateServiceSetting",
        ]
      }
    }
    keys = {
      source      = ["aws.kms"]
      detail-type = ["AWS API Call via CloudTrail"]
      detail = {
        eventSource = ["kms.amazonaws.com"]
        eventName   = ["DeleteImportedKeyMaterial", "DisableKey", "PutKeyPolicy", "ScheduleKeyDeletion"]
      }
    }
    buckets = {
      source      = ["aws.s3"]
      detail-type = ["AWS API Call via CloudTrail"]
      detail = {
        eventSource = ["s3.amazonaws.com"]
        eventName = [
          "DeleteBucket",
          "DeleteBucketEncryption",
          "DeleteBucketPolicy",
          "DeleteBucketPublicAccessBlock",
          "PutBucketEncryption",
          "PutBucketLifecycle",
          "PutBucketObjectLockConfiguration",
          "PutBucketPolicy",
          "PutBucketPublicAccessBlock",
          "PutBucketVersioning",
        ]
        requestParameters = { bucketName = concat(local.bucket_names, local.no_name) }
      }
    }
    groups = {
      source      = ["aws.logs"]
      detail-type = ["AWS API Call via CloudTrail"]
      detail = {
        eventSource = ["logs.amazonaws.com"]
        eventName = [
          "DeleteLogGroup",
          "DeleteLogStream",
          "DeleteRetentionPolicy",
          "DisassociateKmsKey",
          "PutRetentionPolicy",
          "PutSubscriptionFilter",
        ]
        requestParameters = { logGroupName = concat(local.group_names, local.no_name) }
      }
    }
  }
  # By the number of stores, not by their type: the ARN of a store created in the same run is unknown at plan time.
  alerts = setunion(
    ["tampering", "keys"],
    var.alert_on_session_start ? ["sessions"] : [],
    length(var.log_store_arns) > 0 ? ["buckets", "groups"] : [],
  )
  # A pattern must not contain an empty list. No bucket or log group can have this name.
  no_name = ["(no further name)"]

  bucket_arns  = [for arn in var.log_store_arns : arn if strcontains(arn, ":s3:::")]
  bucket_names = [for arn in local.bucket_arns : element(split(":::", arn), 1)]
  group_arns   = [for arn in var.log_store_arns : trimsuffix(arn, ":*") if strcontains(arn, ":log-group:")]
  group_names  = [for arn in local.group_arns : element(split(":log-group:", arn), 1)]
  key_arns     = [for arn in var.log_store_arns : arn if strcontains(arn, ":kms:")]

  exempt_arns = concat(var.break_glass_role_arns, var.pipeline_role_arns)
  not_exempt  = length(local.exempt_arns) == 0 ? {} : { ArnNotLike = { "aws:PrincipalArn" = local.exempt_arns } }

  policy_statements = concat(
    [
      {
        Sid    = "SessionDocumentsStay"
        Effect = "Deny"
        Action = [
          "ssm:CreateDocument",
          "ssm:DeleteDocument",
          "ssm:ModifyDocumentPermission",
          "ssm:UpdateDocument",
          "ssm:UpdateDocumentDefaultVersion",
        ]
        Resource  = [for name in concat(["SSM-SessionManagerRunShell"], var.guarded_document_names) : "arn:${local.partition}:ssm:*:*:document/${name}"]
        Condition = local.not_exempt
      },
      # The Default Host Management role in both spellings that AWS uses: that of the API and that of its example policy.
      {
        Sid    = "ServiceSettingsStay"
        Effect = "Deny"
        Action = ["ssm:ResetServiceSetting", "ssm:UpdateServiceSetting"]
        Resource = [
          for setting in [
            "automation/*",
            "documents/console/public-sharing-permission",
            "managed-instance/activation-tier",
            "managed-instance/default-ec2-instance-management-role",
            "managed-instance/default-instance-management-role",
          ] : "arn:${local.partition}:ssm:*:*:servicesetting/ssm/${setting}"
        ]
        Condition = local.not_exempt
      },
      {
        Sid    = "AlertsStay"
        Effect = "Deny"
        Action = ["events:DeleteRule", "events:DisableRule", "events:PutRule", "events:RemoveTargets", "sns:DeleteTopic", "sns:RemovePermission", "sns:SetTopicAttributes"]
        Resource = [
          "arn:${local.partition}:events:*:*:rule/${var.name}-*",
          "arn:${local.partition}:sns:*:*:${var.name}",
        ]
        Condition = local.not_exempt
      },
    ],
    [for arns in [local.bucket_arns] : {
      Sid    = "RecordingsStayInS3"
      Effect = "Deny"
      Action = [
        "s3:BypassGovernanceRetention",
        "s3:DeleteBucket",
        "s3:DeleteBucketPolicy",
        "s3:DeleteObject",
        "s3:DeleteObjectVersion",
        "s3:PutBucketObjectLockConfiguration",
        "s3:PutBucketPolicy",
        "s3:PutBucketPublicAccessBlock",
        "s3:PutBucketVersioning",
        "s3:PutEncryptionConfiguration",
        "s3:PutLifecycleConfiguration",
      ]
      Resource  = flatten([for arn in arns : [arn, "${arn}/*"]])
      Condition = local.not_exempt
    } if length(arns) > 0],
    [for arns in [local.group_arns] : {
      Sid       = "RecordingsStayInLogs"
      Effect    = "Deny"
      Action    = ["logs:DeleteLogGroup", "logs:DeleteLogStream", "logs:DeleteRetentionPolicy", "logs:DisassociateKmsKey", "logs:PutRetentionPolicy"]
      Resource  = flatten([for arn in arns : [arn, "${arn}:*"]])
      Condition = local.not_exempt
    } if length(arns) > 0],
    [for arns in [local.key_arns] : {
      Sid       = "KeysStay"
      Effect    = "Deny"
      Action    = ["kms:DeleteImportedKeyMaterial", "kms:DisableKey", "kms:PutKeyPolicy", "kms:ScheduleKeyDeletion"]
      Resource  = arns
      Condition = local.not_exempt
    } if length(arns) > 0],
  )
  # A member without content is left out, because it would look like a forgotten condition.
  service_control_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      for statement in local.policy_statements : { for name, value in statement : name => value if name != "Condition" || length(local.not_exempt) > 0 }
    ]
  })
}

resource "aws_ssm_service_setting" "public_sharing" {
  setting_id    = "${local.settings_arn}/ssm/documents/console/public-sharing-permission"
  setting_value = "Disable"
}

resource "aws_ssm_service_setting" "default_host_management" {
  for_each = toset(var.default_host_management_role[*])

  setting_id    = "${local.settings_arn}/ssm/managed-instance/default-ec2-instance-management-role"
  setting_value = each.value
}

# EventBridge cannot publish to a topic that is encrypted with the AWS managed key.
resource "aws_kms_key" "this" {
  description             = "Encrypts the alerts on Session Manager"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  tags                    = var.tags

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      # Without this statement, nobody could administer the key.
      {
        Sid       = "AccountAdministersThroughIam"
        Effect    = "Allow"
        Principal = { AWS = ["arn:${local.partition}:iam::${local.account_id}:root"] }
        Action    = ["kms:*"]
        Resource  = ["*"]
      },
      # Without conditions on the source, because EventBridge may send none when it publishes, and alerts would be lost.
      {
        Sid       = "EventBridgePublishesAlerts"
        Effect    = "Allow"
        Principal = { Service = ["events.amazonaws.com"] }
        Action    = ["kms:Decrypt", "kms:GenerateDataKey*"]
        Resource  = ["*"]
      },
    ]
  })

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_kms_alias" "this" {
  name          = "alias/${var.name}"
  target_key_id = aws_kms_key.this.key_id
}

resource "aws_sns_topic" "this" {
  name              = var.name
  kms_master_key_id = aws_kms_key.this.arn
  tags              = var.tags
}

resource "aws_sns_topic_policy" "this" {
  arn = aws_sns_topic.this.arn

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "EventBridgePublishesAlerts"
        Effect    = "Allow"
        Principal = { Service = ["events.amazonaws.com"] }
        Action    = ["sns:Publish"]
        Resource  = [local.topic_arn]
      },
      {
        Sid       = "DenyPlainHttp"
        Effect    = "Deny"
        Principal = "*"
        Action    = ["sns:Publish"]
        Resource  = [local.topic_arn]
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]
  })
}

resource "aws_sns_topic_subscription" "this" {
  for_each = { for each in var.subscriptions : "${each.protocol} ${each.endpoint}" => each }

  topic_arn = aws_sns_topic.this.arn
  protocol  = each.value.protocol
  endpoint  = each.value.endpoint
}

resource "aws_cloudwatch_event_rule" "this" {
  for_each = local.alerts

  name          = "${var.name}-${each.key}"
  description   = "Session Manager: alerts on ${each.key}"
  event_pattern = jsonencode(local.patterns[each.key])
  tags          = var.tags
}

resource "aws_cloudwatch_event_target" "topic" {
  for_each = local.alerts

  rule      = aws_cloudwatch_event_rule.this[each.key].name
  target_id = "alerts"
  arn       = aws_sns_topic.this.arn

  # An alert is lost if it arrives before the topic policy allows it.
  depends_on = [aws_sns_topic_policy.this]
}
