resource "aws_ssm_document" "custom" { # expect: PREF-11 undecided
  name          = "Example-Shell"
  document_type = "Session"

  content = jsonencode({
    schemaVersion = "1.0"
    sessionType   = "Standard_Stream"
    parameters = {
      bucket = { type = "String", default = "" }
    }
    inputs = {
      s3BucketName        = "{{ bucket }}"
      s3EncryptionEnabled = true
      idleSessionTimeout  = "15"
    }
  })
}
