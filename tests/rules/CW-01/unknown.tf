resource "aws_ssm_document" "prefs" { # expect: CW-01 undecided
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"

  content = jsonencode({
    schemaVersion = "1.0"
    sessionType   = "Standard_Stream"
    inputs = {
      cloudWatchLogGroupName = "/example/elsewhere"
    }
  })
}

resource "aws_cloudwatch_log_group" "sessions" {
  name = "/example/sessions"
}
