resource "aws_ssm_document" "prefs" { # expect: PREF-02 undecided
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"
  content       = var.content
}

variable "content" {
  type = string
}
