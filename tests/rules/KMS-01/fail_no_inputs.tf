resource "aws_ssm_document" "prefs" { # expect: KMS-01 failed low
  name          = "Example-Shell"
  document_type = "Session"

  content = jsonencode({
    schemaVersion = "1.0"
    description   = "No inputs at all"
    sessionType   = "Standard_Stream"
  })
}
