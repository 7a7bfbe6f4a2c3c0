# Every resource that we generate, edit or read, with the arguments that matter to us. Names are as in life, values are not.

terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
data "aws_caller_identity" "me" {}
data "aws_partition" "this" {}
data "aws_region" "this" {}
resource "aws_kms_key" "sessions" {
  description             = "sessions"
  enable_key_rotation     = true
  rotation_period_in_days = 180
  policy                  = jsonencode({ Version = "2012-10-17", Statement = [{ Sid = "root", Effect = "Allow", Principal = { AWS = "arn:aws:iam::${data.aws_caller_identity.me.account_id}:root" }, Action = "kms:*", Resource = "*" }] })
  tags                    = { a = "b" }
}
resource "aws_kms_alias" "sessions" {
  name          = "alias/sessions"
  target_key_id = aws_kms_key.sessions.key_id
}
resource "aws_s3_bucket" "logs" {
  bucket              = "logs-of-everything"
  object_lock_enabled = true
  tags                = { a = "b" }
}
resource "aws_s3_bucket_versioning" "logs" {
  bucket = aws_s3_bucket.logs.id
  versioning_configuration { status = "Enabled" }
}
resource "aws_s3_bucket_object_lock_configuration" "logs" {
  bucket = aws_s3_bucket.logs.id
  rule {
    default_retention {
      mode = "GOVERNANCE"
      days = 30
    }
  }
  depends_on = [aws_s3_bucket_versioning.logs]
}
resource "aws_s3_bucket_server_side_encryption_configuration" "logs" {
  bucket = aws_s3_bucket.logs.id
  rule {
    bucket_key_enabled = true
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.sessions.arn
    }
  }
}
resource "aws_s3_bucket_public_access_block" "logs" {
  bucket                  = aws_s3_bucket.logs.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}
resource "aws_s3_bucket_ownership_controls" "logs" {
  bucket = aws_s3_bucket.logs.id
  rule { object_ownership = "BucketOwnerEnforced" }
}
resource "aws_s3_bucket_policy" "logs" {
  bucket = aws_s3_bucket.logs.id
  policy = data.aws_iam_policy_document.logs.json
}
data "aws_iam_policy_document" "logs" {
  statement {
    sid       = "tls"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.logs.arn, "${aws_s3_bucket.logs.arn}/*"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
  statement {
    sid       = "trail"
    actions   = ["s3:GetBucketAcl"]
    resources = [aws_s3_bucket.logs.arn]
    principals {
      type        = "Service"
      identifiers = ["cloudtrail.amazonaws.com"]
    }
  }
}
resource "aws_s3_bucket" "access" { bucket = "access-logs-of-everything" }
resource "aws_s3_bucket_logging" "logs" {
  bucket        = aws_s3_bucket.logs.id
  target_bucket = aws_s3_bucket.access.id
  target_prefix = "log/"
  depends_on    = [aws_s3_bucket_policy.access]
}
resource "aws_s3_bucket_policy" "access" {
  bucket = aws_s3_bucket.access.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "logging.s3.amazonaws.com" }, Action = "s3:PutObject", Resource = "${aws_s3_bucket.access.arn}/*" }] })
}
resource "aws_s3_account_public_access_block" "a" {
  block_public_acls = true
}
resource "aws_cloudwatch_log_group" "g" {
  name              = "/sessions"
  retention_in_days = 365
  kms_key_id        = aws_kms_key.sessions.arn
  tags              = { a = "b" }
}
resource "aws_ssm_document" "preferences" {
  name            = "SSM-SessionManagerRunShell"
  document_type   = "Session"
  document_format = "JSON"
  content = jsonencode({
    schemaVersion = "1.0"
    description   = "prefs"
    sessionType   = "Standard_Stream"
    inputs = {
      s3BucketName                = aws_s3_bucket.logs.id
      s3KeyPrefix                 = "sessions"
      s3EncryptionEnabled         = true
      cloudWatchLogGroupName      = aws_cloudwatch_log_group.g.name
      cloudWatchEncryptionEnabled = true
      cloudWatchStreamingEnabled  = true
      kmsKeyId                    = aws_kms_key.sessions.arn
      runAsEnabled                = true
      runAsDefaultUser            = "operator"
      idleSessionTimeout          = var.idle
      maxSessionDuration          = "60"
      shellProfile                = { linux = "", windows = "" }
    }
  })
  tags = { a = "b" }
}
variable "idle" { default = "15" }
resource "aws_ssm_service_setting" "share" {
  setting_id    = "arn:${data.aws_partition.this.partition}:ssm:${data.aws_region.this.name}:${data.aws_caller_identity.me.account_id}:servicesetting/ssm/documents/console/public-sharing-permission"
  setting_value = "Disable"
}
resource "aws_ssm_activation" "a" {
  name               = "hybrid"
  iam_role           = aws_iam_role.r.name
  registration_limit = 3
  expiration_date    = "2099-01-10T00:00:00Z"
  tags               = { a = "b" }
}
resource "aws_iam_role" "r" {
  name               = "node"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = ["ec2.amazonaws.com", "ssm.amazonaws.com"] }, Action = "sts:AssumeRole" }] })
  tags               = { a = "b" }
}
resource "aws_iam_role_policy" "r" {
  name   = "inline"
  role   = aws_iam_role.r.name
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "logs:PutLogEvents", Resource = "*" }] })
}
resource "aws_iam_policy" "p" {
  name   = "managed"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "logs:PutLogEvents", Resource = "*" }] })
}
resource "aws_iam_role_policy_attachment" "a" {
  for_each   = { own = aws_iam_policy.p.arn, aws = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore" }
  role       = aws_iam_role.r.name
  policy_arn = each.value
}
resource "aws_iam_instance_profile" "i" {
  name = "node"
  role = aws_iam_role.r.name
}
resource "aws_vpc" "v" {
  cidr_block           = "10.0.0.0/16"
  enable_dns_hostnames = true
}
resource "aws_subnet" "s" {
  vpc_id     = aws_vpc.v.id
  cidr_block = "10.0.1.0/24"
}
resource "aws_internet_gateway" "i" { vpc_id = aws_vpc.v.id }
resource "aws_route_table" "r" {
  vpc_id = aws_vpc.v.id
  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.i.id
  }
}
resource "aws_route_table_association" "r" {
  subnet_id      = aws_subnet.s.id
  route_table_id = aws_route_table.r.id
}
resource "aws_security_group" "inline" {
  name        = "inline"
  description = "inline"
  vpc_id      = aws_vpc.v.id
  ingress {
    description = "ssh"
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/8"]
  }
  egress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}
resource "aws_security_group" "old" {
  name        = "old"
  description = "old"
  vpc_id      = aws_vpc.v.id
}
resource "aws_security_group_rule" "old" {
  type                     = "egress"
  security_group_id        = aws_security_group.old.id
  from_port                = 443
  to_port                  = 443
  protocol                 = "tcp"
  source_security_group_id = aws_security_group.new.id
}
resource "aws_security_group" "new" {
  name        = "new"
  description = "new"
  vpc_id      = aws_vpc.v.id
}
resource "aws_vpc_security_group_ingress_rule" "new" {
  security_group_id            = aws_security_group.new.id
  referenced_security_group_id = aws_security_group.old.id
  from_port                    = 443
  to_port                      = 443
  ip_protocol                  = "tcp"
  description                  = "nodes"
}
resource "aws_vpc_security_group_egress_rule" "new" {
  security_group_id = aws_security_group.new.id
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "-1"
}
resource "aws_vpc_endpoint" "ssm" {
  for_each            = toset(["ssm", "ssmmessages", "kms", "logs"])
  vpc_id              = aws_vpc.v.id
  service_name        = "com.amazonaws.${data.aws_region.this.name}.${each.key}"
  vpc_endpoint_type   = "Interface"
  private_dns_enabled = true
  subnet_ids          = [aws_subnet.s.id]
  security_group_ids  = [aws_security_group.new.id]
}
resource "aws_vpc_endpoint" "s3" {
  vpc_id          = aws_vpc.v.id
  service_name    = "com.amazonaws.${data.aws_region.this.name}.s3"
  route_table_ids = [aws_route_table.r.id]
  policy          = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = "*", Action = "s3:*", Resource = "*" }] })
}
resource "aws_vpc_endpoint" "nogroup" {
  vpc_id            = aws_vpc.v.id
  service_name      = "com.amazonaws.${data.aws_region.this.name}.ec2messages"
  vpc_endpoint_type = "Interface"
}
resource "aws_instance" "i" {
  ami                    = "ami-0a1b2c3d4e5f60718"
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.s.id
  vpc_security_group_ids = [aws_security_group.old.id]
  iam_instance_profile   = aws_iam_instance_profile.i.name
  metadata_options {
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }
  tags = { Name = "node" }
}
resource "aws_cloudtrail" "t" {
  name                       = "trail"
  s3_bucket_name             = aws_s3_bucket.logs.id
  is_multi_region_trail      = true
  enable_log_file_validation = true
  kms_key_id                 = aws_kms_key.sessions.arn
  tags                       = { a = "b" }
  depends_on                 = [aws_s3_bucket_policy.logs]
}
resource "aws_sns_topic" "t" { name = "alerts" }
resource "aws_cloudwatch_event_rule" "r" {
  name          = "sessions"
  description   = "session started"
  event_pattern = jsonencode({ source = ["aws.ssm"], "detail-type" = ["AWS API Call via CloudTrail"], detail = { eventName = ["StartSession"] } })
  tags          = { a = "b" }
}
resource "aws_cloudwatch_event_target" "t" {
  rule      = aws_cloudwatch_event_rule.r.name
  arn       = aws_sns_topic.t.arn
  target_id = "sns"
}
resource "aws_ssm_association" "a" {
  name                = "AWS-UpdateSSMAgent"
  association_name    = "agent"
  schedule_expression = "rate(14 days)"
  targets {
    key    = "InstanceIds"
    values = ["*"]
  }
}
resource "aws_ec2_instance_metadata_defaults" "m" {
  http_tokens                 = "required"
  http_put_response_hop_limit = 1
}
resource "aws_cloudwatch_log_resource_policy" "p" {
  policy_name     = "events"
  policy_document = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "events.amazonaws.com" }, Action = "logs:PutLogEvents", Resource = "*" }] })
}
resource "aws_sns_topic_policy" "p" {
  arn    = aws_sns_topic.t.arn
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "events.amazonaws.com" }, Action = "sns:Publish", Resource = aws_sns_topic.t.arn }] })
}
