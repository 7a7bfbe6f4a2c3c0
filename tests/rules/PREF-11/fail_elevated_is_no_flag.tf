resource "aws_ssm_document" "custom" { # expect: PREF-11 failed
  name          = "Example-Shell"
  document_type = "Session"

  content = jsonencode({
    schemaVersion = "1.0"
    sessionType   = "InteractiveCommands"
    parameters = {
      lines = { type = "String", allowedPattern = "^[0-9]{1,3}$" }
    }
    properties = {
      linux = {
        commands      = "tail -n {{ lines }} /var/log/messages"
        runAsElevated = {}
      }
    }
  })
}
