resource "aws_ssm_document" "prefs" { # expect: PREF-03 undecided
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"

  content = jsonencode({
    schemaVersion = "1.0"
    sessionType   = "Standard_Stream"
    inputs = {
      s3BucketName = "${var.prefix}${var.bucket}"
    }
  })
}

variable "prefix" {
  type = string
}

variable "bucket" {
  type = string
}
