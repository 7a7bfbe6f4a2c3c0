mock_provider "aws" {}

variables {
  targets = [{ key = "tag:SessionAccess", values = ["operators"] }]
}

run "at_first_it_only_adds" {
  command = plan

  assert {
    condition     = keys(aws_ssm_association.this) == ["agent", "linux"] && aws_ssm_association.this["linux"].name == "ssm-harden-host-baseline-linux"
    error_message = "Until rights are taken away, Windows nodes have nothing to do."
  }

  assert {
    condition     = contains(jsondecode(aws_ssm_document.baseline["linux"].content).mainSteps[0].inputs.runCommand, "SSM_HARDEN_REMOVE_PRIVILEGES='false'")
    error_message = "The restriction is off unless it is asked for."
  }

  assert {
    condition     = length(setsubtract(["SSM_HARDEN_RUN_AS_USER=''", "SSM_HARDEN_AGENT_CONFIG=''", "SSM_HARDEN_INSTALL_TOOLS='true'"], jsondecode(aws_ssm_document.baseline["linux"].content).mainSteps[0].inputs.runCommand)) == 0
    error_message = "No user and no configuration, but the tools."
  }

  assert {
    condition     = aws_ssm_association.this["linux"].schedule_expression == "rate(1 day)" && aws_ssm_association.this["linux"].apply_only_at_cron_interval == false && length(aws_ssm_association.this["linux"].output_location) == 0
    error_message = "At once, then each day, and without a bucket for its output."
  }

  assert {
    condition     = aws_ssm_association.this["agent"].name == "AWS-UpdateSSMAgent" && aws_ssm_association.this["agent"].targets[0].values == tolist(["operators"])
    error_message = "The agent of the same nodes is kept current."
  }
}

run "documents_are_for_their_platform" {
  command = plan

  assert {
    condition = { for platform, document in aws_ssm_document.baseline : platform => [for step in jsondecode(document.content).mainSteps : [step.action, step.precondition.StringEquals[1]]] } == {
      linux   = [["aws:runShellScript", "Linux"]]
      windows = [["aws:runPowerShellScript", "Windows"]]
    }
    error_message = "Each platform has the shell of its own."
  }

  assert {
    condition = { for platform, document in aws_ssm_document.rollback : platform => [for step in jsondecode(document.content).mainSteps : [step.action, step.precondition.StringEquals[1]]] } == {
      linux   = [["aws:runShellScript", "Linux"]]
      windows = [["aws:runPowerShellScript", "Windows"]]
    }
    error_message = "So it is on the way back."
  }

  assert {
    condition     = alltrue([for document in concat(values(aws_ssm_document.baseline), values(aws_ssm_document.rollback)) : jsondecode(document.content).schemaVersion == "2.2" && document.document_type == "Command" && length(document.content) < 65536])
    error_message = "Command documents of schema 2.2, below the service's 64 KB."
  }

  assert {
    condition     = alltrue([for document in concat(values(aws_ssm_document.baseline), values(aws_ssm_document.rollback)) : !strcontains(document.content, "{{")])
    error_message = "Nothing in a script may look like a parameter of the document."
  }

  assert {
    condition     = jsondecode(aws_ssm_document.baseline["linux"].content).mainSteps[0].inputs.runCommand[0] == "#!/bin/sh"
    error_message = "The first line names the interpreter."
  }
}

run "after_the_canary_rights_go" {
  command = plan

  variables {
    remove_privileges = true
    run_as_user       = "session-operator"
  }

  assert {
    condition     = keys(aws_ssm_association.this) == ["agent", "linux", "windows"]
    error_message = "Both platforms are associated."
  }

  assert {
    condition     = length(setsubtract(["SSM_HARDEN_REMOVE_PRIVILEGES='true'", "SSM_HARDEN_RUN_AS_USER='session-operator'"], jsondecode(aws_ssm_document.baseline["linux"].content).mainSteps[0].inputs.runCommand)) == 0
    error_message = "The script for Linux is told."
  }

  assert {
    condition     = contains(jsondecode(aws_ssm_document.baseline["windows"].content).mainSteps[0].inputs.runCommand, "$env:SSM_HARDEN_REMOVE_PRIVILEGES = 'true'")
    error_message = "The script for Windows is told."
  }
}

run "the_agent_is_configured_safely" {
  command = plan

  variables {
    agent_settings = { session_logs_retention_hours = 24 }
  }

  assert {
    condition = [for line in jsondecode(aws_ssm_document.baseline["linux"].content).mainSteps[0].inputs.runCommand : jsondecode(trimsuffix(trimprefix(line, "SSM_HARDEN_AGENT_CONFIG='"), "'")) if startswith(line, "SSM_HARDEN_AGENT_CONFIG='")] == [{
      Kms = { RequireKMSChallengeResponse = false }
      Ssm = {
        OrchestrationDirectoryCleanup     = "clean-success"
        PluginLocalOutputCleanup          = "after-upload"
        SessionLogsDestination            = "none"
        SessionLogsRetentionDurationHours = 24
      }
    }]
    error_message = "What is not said takes the safe value, and nothing else is set."
  }
}

run "one_platform_alone" {
  command = plan

  variables {
    windows            = false
    run_as_user        = ""
    keep_agent_current = false
    name               = "baseline"
    targets            = [{ key = "InstanceIds", values = ["*"] }]
    all_nodes_accepted = true
  }

  assert {
    condition     = keys(aws_ssm_document.baseline) == ["linux"] && keys(aws_ssm_association.this) == ["linux"] && output.rollback_document_names == { linux = "baseline-linux-rollback" }
    error_message = "What is off is not made."
  }
}
