resource "aws_ssm_document" "prefs" {
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"

  content = jsonencode({
    schemaVersion = "1.0"
    sessionType   = "Standard_Stream"
    inputs        = { cloudWatchLogGroupName = aws_cloudwatch_log_group.sessions.name, kmsKeyId = aws_kms_key.logs.arn }
  })
}

resource "aws_cloudwatch_log_group" "sessions" {
  name       = "/ssm/sessions"
  kms_key_id = aws_kms_key.logs.arn
}

resource "aws_kms_key" "logs" {}

resource "aws_kms_grant" "operator" { # expect: KMS-07 failed
  key_id            = aws_kms_key.logs.key_id
  grantee_principal = aws_iam_user.operator.arn
  operations        = ["Decrypt", "GenerateDataKey"]
}

resource "aws_iam_user" "operator" {
  name = "operator"
}

resource "aws_iam_user_policy" "operator" {
  user   = aws_iam_user.operator.name
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "ssm:StartSession", Resource = "*" }] })
}
