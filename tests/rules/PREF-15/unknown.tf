resource "aws_ssm_document" "prefs" { # expect: PREF-15 undecided
  name          = var.name
  document_type = "Session"

  lifecycle {
    prevent_destroy = true
  }

  content = jsonencode({
    schemaVersion = "1.0"
    sessionType   = "Standard_Stream"
    inputs = {
      s3BucketName = "example-session-logs"
    }
  })
}

variable "name" {
  type = string
}
