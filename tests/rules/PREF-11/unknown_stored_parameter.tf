resource "aws_ssm_document" "custom" { # expect: PREF-11 undecided
  name          = "Example-Shell"
  document_type = "Session"

  content = jsonencode({
    schemaVersion = "1.0"
    sessionType   = "InteractiveCommands"
    properties = {
      linux = {
        commands      = "{{ssm:/example/command}}"
        runAsElevated = false
      }
    }
  })
}
