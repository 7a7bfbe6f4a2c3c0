provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111122223333"]
}

resource "aws_ssm_document" "session" {
  name          = "Example-Session"
  document_type = "Session"
  content       = jsonencode({ schemaVersion = "1.0", sessionType = "Standard_Stream", inputs = {} })
}

resource "aws_iam_user" "example" { # expect: OPER-05 passed aws_iam_user.example
  name = "example"
}

resource "aws_iam_user_policy" "example" {
  user = aws_iam_user.example.name
  policy = jsonencode({ Version = "2012-10-17", Statement = [
    { Effect = "Allow", Action = "ssm:SendCommand", Resource = ["arn:aws:ec2:*:*:instance/*", aws_ssm_document.session.arn] },
  ] })
}
