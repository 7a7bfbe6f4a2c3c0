resource "aws_ssm_document" "prefs" { # expect: KMS-01 failed
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"

  content = <<-EOT
    {"schemaVersion": "1.0", "sessionType": "Standard_Stream", "inputs": {"s3BucketName": "example-session-logs"}}
  EOT
}
