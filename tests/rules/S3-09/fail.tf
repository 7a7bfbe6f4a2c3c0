resource "aws_ssm_document" "prefs" {
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"

  content = jsonencode({
    schemaVersion = "1.0"
    sessionType   = "Standard_Stream"
    inputs = {
      s3BucketName = aws_s3_bucket.logs.id
      s3KeyPrefix  = "sessions"
    }
  })
}

resource "aws_s3_bucket" "logs" { # expect: S3-09 failed high
  bucket = "example-session-logs"
}

resource "aws_iam_role" "reader" {
  count = 6
  name  = "reader-${count.index}"

  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { AWS = "arn:aws:iam::111122223333:root" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_iam_role_policy" "reader" {
  count = 6
  role  = aws_iam_role.reader[count.index].id

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "s3:Get*", Resource = "${aws_s3_bucket.logs.arn}/*" }]
  })
}
