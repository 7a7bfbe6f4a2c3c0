provider "aws" {
  region = "ap-southeast-2"
}

resource "aws_iam_role" "node" {
  name = "example-node"

  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy" "node" {
  name = "example"
  role = aws_iam_role.node.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{ # expect: ROLE-01 failed critical
      Effect    = "Allow"
      Action    = ["iam:*", "ssm:UpdateInstanceInformation"]
      Resource  = "*"
      Condition = { "ForAnyValue:StringLike" = { "aws:RequestedRegion" = ["us-*"] } }
    }]
  })
}

resource "aws_ssm_document" "prefs" {
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"

  content = jsonencode({ schemaVersion = "1.0", sessionType = "Standard_Stream", inputs = {} })
}
