data "aws_iam_policy_document" "by_ec2" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "by_systems_manager" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["ssm.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }
  }
}

resource "aws_iam_policy" "session" {
  name = "node-session"
  path = "/nodes/"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "Sessions"
      Effect   = "Allow"
      Action   = ["ssm:UpdateInstanceInformation", "ssmmessages:CreateControlChannel", "ssmmessages:OpenDataChannel"]
      Resource = "*"
    }]
  })
}

resource "aws_iam_policy" "limit" {
  name   = "node-limit"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }] })
}

resource "aws_iam_role" "node" {
  name                 = "node"
  path                 = "/nodes/"
  assume_role_policy   = data.aws_iam_policy_document.by_ec2.json
  permissions_boundary = aws_iam_policy.limit.arn
}

resource "aws_iam_role_policy_attachment" "node" {
  role       = aws_iam_role.node.name
  policy_arn = aws_iam_policy.session.arn
}

data "aws_iam_policy_document" "record" {
  statement {
    sid       = "Bucket"
    actions   = ["s3:PutObject"]
    resources = ["${aws_s3_bucket.logs.arn}/sessions/*"]
  }
  statement {
    sid       = "BucketEncryption"
    actions   = ["s3:GetEncryptionConfiguration"]
    resources = [aws_s3_bucket.logs.arn]
  }
  statement {
    sid       = "Keys"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [aws_kms_key.sessions.arn, aws_kms_key.logs.arn]
  }
}

resource "aws_iam_role_policy" "record" {
  name   = "record"
  role   = aws_iam_role.node.id
  policy = data.aws_iam_policy_document.record.json
}

resource "aws_iam_instance_profile" "node" {
  name = "node-profile"
  role = aws_iam_role.node.name
}

# Nodes without a profile, and those outside of EC2.

resource "aws_iam_role" "default_management" {
  name               = "default-management"
  assume_role_policy = data.aws_iam_policy_document.by_systems_manager.json
}

resource "aws_iam_role_policy_attachment" "default_management" {
  role       = aws_iam_role.default_management.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonSSMManagedEC2InstanceDefaultPolicy"
}

resource "aws_iam_role" "hybrid" {
  name               = "hybrid"
  assume_role_policy = data.aws_iam_policy_document.by_systems_manager.json

  inline_policy {
    name = "session"
    policy = jsonencode({
      Version   = "2012-10-17"
      Statement = { Effect = "Allow", Action = "ssmmessages:*", Resource = "*" }
    })
  }
}

resource "aws_ssm_activation" "hybrid" {
  iam_role           = aws_iam_role.hybrid.name
  registration_limit = 3
  expiration_date    = "2099-01-10T02:00:00Z"
}

resource "aws_ssm_service_setting" "management_role" {
  setting_id    = "arn:aws:ssm:${local.region}:${local.account}:servicesetting/ssm/managed-instance/default-ec2-instance-management-role"
  setting_value = aws_iam_role.default_management.name
}
