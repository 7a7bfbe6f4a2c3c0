# Copied from a blog post, then "encryption on" added.
resource "aws_ssm_document" "session_manager_prefs" {
  name            = "SSM-SessionManagerRunShell"
  document_type   = "Session"
  document_format = "JSON"

  content = jsonencode({
    schemaVersion = "1.0"
    description   = "Document to hold regional settings for Session Manager"
    sessionType   = "Standard_Stream"
    inputs = {
      s3BucketName                = ""
      s3KeyPrefix                 = ""
      s3EncryptionEnabled         = "true"
      cloudWatchLogGroupName      = ""
      cloudWatchEncryptionEnabled = "true"
      idleSessionTimeout          = "60"
      kmsKeyId                    = ""
      runAsEnabled                = "false"
      runAsDefaultUser            = ""
    }
  })
}
