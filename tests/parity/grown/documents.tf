resource "aws_ssm_document" "preferences" {
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"

  content = jsonencode({
    schemaVersion = "1.0"
    sessionType   = "Standard_Stream"
    inputs = {
      s3BucketName           = module.store["audit"].bucket
      s3EncryptionEnabled    = true
      cloudWatchLogGroupName = ""
      kmsKeyId               = aws_kms_key.sessions.arn
      idleSessionTimeout     = "15"
    }
  })
}

resource "aws_ssm_document" "more" {
  count         = var.first ? 0 : 2
  provider      = aws.far
  name          = "more-${count.index}"
  document_type = "Session"
  content       = jsonencode({ schemaVersion = "1.0", sessionType = "Standard_Stream", inputs = { runAsEnabled = count.index == 1 } })
}

resource "aws_ssm_document" "gone" {
  count         = var.first ? 1 : 0
  name          = "gone"
  document_type = "Session"
  content       = jsonencode({ schemaVersion = "1.0", sessionType = "Standard_Stream", inputs = {} })
}

module "nodes" {
  source = "./nodes"
  more   = !var.first
}
