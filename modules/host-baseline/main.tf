locals {
  platforms = toset(concat(var.linux ? ["linux"] : [], var.windows ? ["windows"] : []))

  agent_config = var.agent_settings == null ? "" : jsonencode({
    Kms = { RequireKMSChallengeResponse = var.agent_settings.require_kms_challenge }
    Ssm = {
      OrchestrationDirectoryCleanup     = var.agent_settings.orchestration_cleanup
      PluginLocalOutputCleanup          = var.agent_settings.plugin_output_cleanup
      SessionLogsDestination            = var.agent_settings.session_logs_destination
      SessionLogsRetentionDurationHours = var.agent_settings.session_logs_retention_hours
    }
  })

  # Values are inserted into the scripts as single-quoted strings, in which each shell has only one character to escape.
  settings = {
    linux = {
      SSM_HARDEN_AGENT_CONFIG      = local.agent_config
      SSM_HARDEN_INSTALL_TOOLS     = tostring(var.install_transcript_tools)
      SSM_HARDEN_REMOVE_PRIVILEGES = tostring(var.remove_privileges)
      SSM_HARDEN_RUN_AS_USER       = var.run_as_user == null ? "" : var.run_as_user
    }
    windows = { SSM_HARDEN_REMOVE_PRIVILEGES = tostring(var.remove_privileges) }
  }
  assignments = {
    linux   = [for name, text in local.settings.linux : "${name}='${replace(text, "'", "'\\''")}'"]
    windows = [for name, text in local.settings.windows : "$env:${name} = '${replace(text, "'", "''")}'"]
  }

  # The first line of a script stays first, because it may name the interpreter.
  files = {
    linux            = "linux.sh"
    linux-rollback   = "linux-rollback.sh"
    windows          = "windows.ps1"
    windows-rollback = "windows-rollback.ps1"
  }
  lines = { for name, file in local.files : name => split("\n", trimspace(file("${path.module}/scripts/${file}"))) }
  scripts = { for name, lines in local.lines : name =>
    concat([lines[0]], lookup(local.assignments, name, []), slice(lines, 1, length(lines)))
  }

  step = {
    linux   = { action = "aws:runShellScript", platform = "Linux" }
    windows = { action = "aws:runPowerShellScript", platform = "Windows" }
  }
  contents = { for name, script in local.scripts : name => jsonencode({
    schemaVersion = "2.2"
    description   = endswith(name, "-rollback") ? "Takes back what the host baseline replaced (managed by Terraform)" : "Host baseline of Session Manager's nodes (managed by Terraform)"
    mainSteps = [{
      action       = local.step[trimsuffix(name, "-rollback")].action
      name         = endswith(name, "-rollback") ? "rollback" : "baseline"
      precondition = { StringEquals = ["platformType", local.step[trimsuffix(name, "-rollback")].platform] }
      inputs       = { runCommand = script, timeoutSeconds = "900" }
    }]
  }) }

  # On Windows there is nothing to do until permissions are removed. Until then, an association would only look like protection.
  associated = setsubtract(local.platforms, var.remove_privileges ? [] : ["windows"])
  associations = merge(
    { for platform in local.associated : platform => {
      document = aws_ssm_document.baseline[platform].name
      version  = aws_ssm_document.baseline[platform].latest_version
    } },
    var.keep_agent_current ? { agent = { document = "AWS-UpdateSSMAgent", version = null } } : {},
  )
  everywhere = anytrue([for target in var.targets : contains(target.values, "*")])
}

# The target type allows every kind of node. The precondition of the step selects the platform.
resource "aws_ssm_document" "baseline" {
  for_each = local.platforms

  name            = "${var.name}-${each.key}"
  document_type   = "Command"
  document_format = "JSON"
  target_type     = "/"
  content         = local.contents[each.key]
  tags            = var.tags
}

# These documents never run by themselves.
resource "aws_ssm_document" "rollback" {
  for_each = local.platforms

  name            = "${var.name}-${each.key}-rollback"
  document_type   = "Command"
  document_format = "JSON"
  target_type     = "/"
  content         = local.contents["${each.key}-rollback"]
  tags            = var.tags
}

resource "aws_ssm_association" "this" {
  for_each = local.associations

  association_name            = "${var.name}-${each.key}"
  name                        = each.value.document
  document_version            = each.value.version
  schedule_expression         = var.schedule_expression
  apply_only_at_cron_interval = false
  compliance_severity         = var.compliance_severity
  max_concurrency             = var.max_concurrency
  max_errors                  = var.max_concurrency
  tags                        = var.tags

  dynamic "targets" {
    for_each = var.targets

    content {
      key    = targets.value.key
      values = targets.value.values
    }
  }

  lifecycle {
    precondition {
      condition     = var.all_nodes_accepted || !local.everywhere
      error_message = "The targets select every node in the Region. Select nodes or tags, or set all_nodes_accepted to true."
    }
  }
}
