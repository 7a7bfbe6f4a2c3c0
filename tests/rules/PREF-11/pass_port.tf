resource "aws_ssm_document" "custom" { # expect: PREF-11 passed
  name          = "Example-Shell"
  document_type = "Session"

  content = jsonencode({
    schemaVersion = "1.0"
    sessionType   = "Port"
    properties = {
      portNumber = "5432"
      host       = "database.example.internal"
    }
  })
}
