resource "aws_ssm_document" "custom" { # expect: PREF-11 failed
  name          = "Example-Shell"
  document_type = "Session"

  content = jsonencode({
    schemaVersion = "1.0"
    sessionType   = "InteractiveCommands"
    parameters = {
      path = { type = "String", allowedPattern = ".*" }
    }
    properties = {
      linux = {
        commands      = "ls {{path}}"
        runAsElevated = false
      }
    }
  })
}
