# Nodes: what sessions need, and nothing else. No managed policy, so no right to read every parameter.
resource "aws_iam_role" "node" {
  name = "session-node"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "ec2.${local.dns_suffix}" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy" "node" {
  name = "session-manager"
  role = aws_iam_role.node.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "Heartbeat"
        Effect   = "Allow"
        Action   = "ssm:UpdateInstanceInformation"
        Resource = "*"
      },
      {
        Sid    = "Channels"
        Effect = "Allow"
        Action = [
          "ssmmessages:CreateControlChannel",
          "ssmmessages:CreateDataChannel",
          "ssmmessages:OpenControlChannel",
          "ssmmessages:OpenDataChannel",
        ]
        Resource = "*"
      },
      {
        Sid      = "Upload"
        Effect   = "Allow"
        Action   = ["s3:PutObject", "s3:PutObjectAcl"]
        Resource = "${aws_s3_bucket.logs.arn}/${local.key_prefix}/*"
      },
      {
        Sid      = "CheckBucketEncryption"
        Effect   = "Allow"
        Action   = "s3:GetEncryptionConfiguration"
        Resource = aws_s3_bucket.logs.arn
      },
      {
        Sid      = "Stream"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
        Resource = [aws_cloudwatch_log_group.sessions.arn, "${aws_cloudwatch_log_group.sessions.arn}:*"]
      },
      {
        Sid      = "FindLogGroup"
        Effect   = "Allow"
        Action   = "logs:DescribeLogGroups"
        Resource = "*"
      },
      {
        Sid      = "OpenChannel"
        Effect   = "Allow"
        Action   = "kms:Decrypt"
        Resource = aws_kms_key.session.arn
      },
      {
        Sid      = "EncryptUpload"
        Effect   = "Allow"
        Action   = "kms:GenerateDataKey"
        Resource = aws_kms_key.bucket.arn
      },
    ]
  })
}

data "aws_iam_policy_document" "assume_with_mfa" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "AWS"
      identifiers = [local.account_arn]
    }

    condition {
      test     = "Bool"
      variable = "aws:MultiFactorAuthPresent"
      values   = ["true"]
    }

    # The history names the person: a session is called after the user who opens it.
    condition {
      test     = "StringLike"
      variable = "sts:RoleSessionName"
      values   = ["&{aws:username}"]
    }
  }
}

# Operators start sessions on tagged nodes, with the recorded document only, and end only their own.
resource "aws_iam_role" "operator" {
  name               = "session-operator"
  assume_role_policy = data.aws_iam_policy_document.assume_with_mfa.json
}

resource "aws_iam_role_policy" "operator" {
  name = "sessions"
  role = aws_iam_role.operator.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "StartOnTaggedNodes"
        Effect   = "Allow"
        Action   = "ssm:StartSession"
        Resource = "arn:${local.partition}:ec2:${local.region}:${local.account_id}:instance/*"
        Condition = {
          StringEquals = { "ssm:resourceTag/SessionAccess" = "operators" }
          BoolIfExists = { "ssm:SessionDocumentAccessCheck" = "true" }
        }
      },
      {
        Sid       = "UseTheRecordedDocument"
        Effect    = "Allow"
        Action    = "ssm:StartSession"
        Resource  = aws_ssm_document.preferences.arn
        Condition = { BoolIfExists = { "ssm:SessionDocumentAccessCheck" = "true" } }
      },
      {
        Sid       = "OwnSessions"
        Effect    = "Allow"
        Action    = ["ssm:ResumeSession", "ssm:TerminateSession"]
        Resource  = "arn:${local.partition}:ssm:${local.region}:${local.account_id}:session/*"
        Condition = { StringEquals = { "ssm:resourceTag/aws:ssmmessages:session-id" = "$${aws:userid}" } }
      },
      {
        Sid      = "OwnChannel"
        Effect   = "Allow"
        Action   = "ssmmessages:OpenDataChannel"
        Resource = "arn:${local.partition}:ssm:${local.region}:${local.account_id}:session/$${aws:userid}-*"
      },
      {
        Sid      = "SessionKey"
        Effect   = "Allow"
        Action   = "kms:GenerateDataKey"
        Resource = aws_kms_key.session.arn
      },
      {
        Sid    = "NothingUnrecorded"
        Effect = "Deny"
        Action = "ssm:StartSession"
        Resource = [
          "arn:${local.partition}:ssm:*:*:document/AWS-StartSSHSession",
          "arn:${local.partition}:ssm:*:*:document/AWS-StartPortForwardingSession*",
          "arn:${local.partition}:ssm:*:*:document/AWS-StartInteractiveCommand",
          "arn:${local.partition}:ssm:*:*:document/AWS-StartNonInteractiveCommand",
        ]
      },
    ]
  })
}

# Auditors read recordings and start no session.
resource "aws_iam_role" "auditor" {
  name               = "session-auditor"
  assume_role_policy = data.aws_iam_policy_document.assume_with_mfa.json
}

resource "aws_iam_role_policy" "auditor" {
  name = "recordings"
  role = aws_iam_role.auditor.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "ReadFiles"
        Effect   = "Allow"
        Action   = "s3:GetObject"
        Resource = "${aws_s3_bucket.logs.arn}/${local.key_prefix}/*"
      },
      {
        Sid      = "ReadEvents"
        Effect   = "Allow"
        Action   = ["logs:FilterLogEvents", "logs:GetLogEvents"]
        Resource = [aws_cloudwatch_log_group.sessions.arn, "${aws_cloudwatch_log_group.sessions.arn}:*"]
      },
    ]
  })
}
