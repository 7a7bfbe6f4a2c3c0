# A module that was not downloaded is said once, whatever it leaves open.
module "logs" { # expect: READ-01 undecided module.logs
  source = "example-org/logs/aws"
  bucket = aws_s3_bucket.records.id
}

module "labels" {
  source = "example-org/label/null"
  stage  = "prod"
}

resource "aws_s3_bucket" "records" {
  bucket = "records-of-sessions"
}

resource "aws_ssm_document" "prefs" {
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"

  content = jsonencode({
    schemaVersion = "1.0"
    sessionType   = "Standard_Stream"
    inputs        = { s3BucketName = aws_s3_bucket.records.id }
  })
}
