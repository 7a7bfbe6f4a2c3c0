resource "aws_iam_role" "node" { # expect: ROLE-01 failed high
  name = "example-node"

  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy_attachment" "node" {
  role       = aws_iam_role.node.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonSSMFullAccess"
}

# Its text is not here: it could only deny some of what the other allows.
resource "aws_iam_role_policy_attachment" "other" {
  role       = aws_iam_role.node.name
  policy_arn = var.policy
}

variable "policy" {
  type = string
}

resource "aws_ssm_document" "prefs" {
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"

  content = jsonencode({
    schemaVersion = "1.0"
    sessionType   = "Standard_Stream"
    inputs        = { s3BucketName = "", cloudWatchLogGroupName = "" }
  })
}
