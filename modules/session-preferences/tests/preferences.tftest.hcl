mock_provider "aws" {}

run "full_document" {
  command = plan

  variables {
    s3_bucket_name      = "session-logs-111122223333"
    log_group_name      = "/aws/ssm/session-logs"
    kms_key_arn         = "arn:aws:kms:ap-southeast-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    run_as_default_user = "operator"
  }

  assert {
    condition = jsondecode(aws_ssm_document.this.content) == {
      schemaVersion = "1.0"
      description   = "Session Manager preferences (managed by Terraform)"
      sessionType   = "Standard_Stream"
      inputs = {
        s3BucketName                = "session-logs-111122223333"
        s3KeyPrefix                 = "session-logs"
        s3EncryptionEnabled         = true
        cloudWatchLogGroupName      = "/aws/ssm/session-logs"
        cloudWatchEncryptionEnabled = true
        cloudWatchStreamingEnabled  = true
        kmsKeyId                    = "arn:aws:kms:ap-southeast-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
        runAsEnabled                = true
        runAsDefaultUser            = "operator"
        idleSessionTimeout          = "15"
        maxSessionDuration          = "60"
        shellProfile                = { linux = "", windows = "" }
      }
    }
    error_message = "The document has the exact shape that the service and the agent read."
  }

  assert {
    condition     = strcontains(aws_ssm_document.this.content, "\"idleSessionTimeout\":\"15\"") && strcontains(aws_ssm_document.this.content, "\"cloudWatchStreamingEnabled\":true")
    error_message = "Limits are texts and switches are booleans."
  }

  assert {
    condition     = aws_ssm_document.this.name == "SSM-SessionManagerRunShell" && aws_ssm_document.this.document_type == "Session"
    error_message = "The document is the one that holds the preferences of the region."
  }
}

run "switches_follow_their_destination" {
  command = plan

  variables {
    s3_bucket_name = "session-logs-111122223333"
  }

  assert {
    condition     = jsondecode(aws_ssm_document.this.content).inputs.s3EncryptionEnabled
    error_message = "The switch of the destination that is set is on."
  }

  assert {
    condition = (
      !jsondecode(aws_ssm_document.this.content).inputs.cloudWatchEncryptionEnabled &&
      !jsondecode(aws_ssm_document.this.content).inputs.cloudWatchStreamingEnabled &&
      jsondecode(aws_ssm_document.this.content).inputs.cloudWatchLogGroupName == ""
    )
    error_message = "No switch is on for a destination that is not set."
  }
}

run "log_group_alone" {
  command = plan

  variables {
    log_group_name                = "/aws/ssm/session-logs"
    cloudwatch_encryption_enabled = false
  }

  assert {
    condition = (
      jsondecode(aws_ssm_document.this.content).inputs.s3KeyPrefix == "" &&
      !jsondecode(aws_ssm_document.this.content).inputs.s3EncryptionEnabled &&
      !jsondecode(aws_ssm_document.this.content).inputs.cloudWatchEncryptionEnabled &&
      jsondecode(aws_ssm_document.this.content).inputs.cloudWatchStreamingEnabled
    )
    error_message = "Without a bucket there is no prefix; an explicit false stays false."
  }
}

run "hostile_texts_stay_text" {
  command = plan

  variables {
    log_group_name = "/aws/ssm/session-logs"
    shell_profile  = { linux = "echo \"x\"\n}", windows = "$${file(\"/etc/passwd\")} %%{ if true }" }
  }

  assert {
    condition     = jsondecode(aws_ssm_document.this.content).inputs.shellProfile == { linux = "echo \"x\"\n}", windows = "$${file(\"/etc/passwd\")} %%{ if true }" }
    error_message = "Quotes, line ends and template marks arrive as the text they are."
  }
}

run "adopted_as_it_is" {
  command = plan

  variables {
    s3_bucket_name               = "session.logs"
    s3_key_prefix                = "/logs/"
    s3_encryption_enabled        = false
    kms_key_arn                  = "alias/sessions"
    run_as_enabled               = false
    run_as_default_user          = "Svc.Ops"
    idle_session_timeout_minutes = null
    max_session_duration_minutes = null
    description                  = null
    shell_profile                = { linux = "cd ~" }
  }

  assert {
    condition = jsondecode(aws_ssm_document.this.content) == {
      schemaVersion = "1.0"
      sessionType   = "Standard_Stream"
      inputs = {
        s3BucketName                = "session.logs"
        s3KeyPrefix                 = "/logs/"
        s3EncryptionEnabled         = false
        cloudWatchLogGroupName      = ""
        cloudWatchEncryptionEnabled = false
        cloudWatchStreamingEnabled  = false
        kmsKeyId                    = "alias/sessions"
        runAsEnabled                = false
        runAsDefaultUser            = "Svc.Ops"
        idleSessionTimeout          = ""
        maxSessionDuration          = ""
        shellProfile                = { linux = "cd ~", windows = "" }
      }
    }
    error_message = "Every value that AWS takes can be kept."
  }
}
