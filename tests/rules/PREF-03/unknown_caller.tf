resource "aws_ssm_document" "prefs" { # expect: PREF-03 undecided
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"

  content = jsonencode({
    schemaVersion = "1.0"
    sessionType   = "Standard_Stream"
    parameters = {
      bucket = { type = "String", default = "" }
    }
    inputs = {
      s3BucketName = "{{ bucket }}"
    }
  })
}
