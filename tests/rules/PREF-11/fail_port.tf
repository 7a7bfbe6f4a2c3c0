resource "aws_ssm_document" "custom" { # expect: PREF-11 failed
  name          = "Example-Shell"
  document_type = "Session"

  content = jsonencode({
    schemaVersion = "1.0"
    sessionType   = "Port"
    parameters = {
      host = { type = "String" }
    }
    properties = {
      portNumber = "5432"
      host       = "{{ host }}"
    }
  })
}
