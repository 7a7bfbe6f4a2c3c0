resource "aws_ssm_document" "prefs" { # expect: KMS-01 undecided
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"
  content       = templatefile("${path.module}/not-here.json.tftpl", {})
}
