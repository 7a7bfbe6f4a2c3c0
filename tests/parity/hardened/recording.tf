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
