variable "everywhere" {
  type = bool
}

resource "aws_cloudtrail" "calls" { # expect: ACCT-02 undecided account
  name                       = "example"
  s3_bucket_name             = "example-trail"
  is_multi_region_trail      = var.everywhere
  enable_log_file_validation = true
  kms_key_id                 = "alias/example"
}

resource "aws_ssm_document" "prefs" {
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"

  content = jsonencode({
    schemaVersion = "1.0"
    sessionType   = "Standard_Stream"
    inputs        = { s3BucketName = "example-session-logs", s3EncryptionEnabled = true }
  })
}
