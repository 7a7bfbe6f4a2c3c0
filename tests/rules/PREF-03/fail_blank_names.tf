resource "aws_ssm_document" "prefs" { # expect: PREF-03 failed
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"

  content = jsonencode({
    schemaVersion = "1.0"
    sessionType   = "Standard_Stream"
    inputs = {
      s3BucketName           = " "
      cloudWatchLogGroupName = " "
      s3EncryptionEnabled    = true
    }
  })
}
