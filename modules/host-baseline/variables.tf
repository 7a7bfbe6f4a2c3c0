variable "name" {
  description = "Prefix of the names of documents and associations."
  type        = string
  default     = "ssm-harden-host-baseline"
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9_.-]{3,100}$", var.name)) && !can(regex("^(aws|amazon|amzn)", lower(var.name)))
    error_message = "Use 3 to 100 letters, digits or _ - . for name; the prefixes aws, amazon and amzn are reserved."
  }
}

variable "targets" {
  description = "Nodes: {key = \"InstanceIds\", values = [ids]}, {key = \"tag:NAME\", values = [texts]}, at most five, all of which must hold."
  type        = list(object({ key = string, values = list(string) }))
  nullable    = false

  validation {
    condition     = length(var.targets) >= 1 && length(var.targets) <= 5
    error_message = "Give one to five targets."
  }

  validation {
    condition = alltrue([for target in var.targets :
      can(regex("^(InstanceIds|tag-key|resource-groups:Name|tag:[a-zA-Z0-9_ .:/=+@-]{1,128})$", target.key)) && length(target.values) >= 1 && length(target.values) <= 50
    ])
    error_message = "Use InstanceIds, tag:NAME, tag-key or resource-groups:Name for the key of a target, and give it one to 50 values."
  }
}

variable "all_nodes_accepted" {
  description = "Whether targets may be every node of the Region (the value \"*\")."
  type        = bool
  default     = false
  nullable    = false
}

variable "linux" {
  description = "Make the documents and the association for Linux."
  type        = bool
  default     = true
  nullable    = false
}

variable "windows" {
  description = "Make the documents for Windows and, with remove_privileges, the association."
  type        = bool
  default     = true
  nullable    = false
}

variable "run_as_user" {
  description = "Unprivileged OS user that Linux nodes get for Run As; null or empty makes none. A user that is there stays as it is."
  type        = string
  default     = null

  validation {
    condition     = var.run_as_user == null ? true : can(regex("^([a-z_][a-z0-9_-]{0,31})?$", var.run_as_user))
    error_message = "Start run_as_user with a small letter or underscore and go on with small letters, digits, _ or - (32 at most), or give null."
  }

  validation {
    condition = var.run_as_user == null ? true : !contains(
      ["root", "toor", "ssm-user", "ec2-user", "ubuntu", "admin", "administrator", "centos", "debian", "fedora", "rocky", "almalinux", "cloud-user", "bitnami"],
      var.run_as_user,
    )
    error_message = "Choose an unprivileged user for run_as_user: root, ssm-user and the images' default users have root rights."
  }
}

variable "remove_privileges" {
  description = "Take sudo (Linux) and the membership in Administrators (Windows) from ssm-user. Set it after the canary."
  type        = bool
  default     = false
  nullable    = false
}

variable "install_transcript_tools" {
  description = "Install script and screen on Linux nodes that lack them, from the node's own package sources."
  type        = bool
  default     = true
  nullable    = false
}

variable "keep_agent_current" {
  description = "Keep the agent current by AWS-UpdateSSMAgent."
  type        = bool
  default     = true
  nullable    = false
}

variable "agent_settings" {
  description = "What amazon-ssm-agent.json says on Linux nodes that have none; null leaves the file alone. Another's file is never touched."
  type = object({
    session_logs_destination     = optional(string, "none")
    session_logs_retention_hours = optional(number, 72)
    plugin_output_cleanup        = optional(string, "after-upload")
    orchestration_cleanup        = optional(string, "clean-success")
    require_kms_challenge        = optional(bool, false)
  })
  default = null

  validation {
    condition = var.agent_settings == null ? true : alltrue([
      contains(["none", "disk"], var.agent_settings.session_logs_destination),
      contains(["", "after-execution", "after-upload"], var.agent_settings.plugin_output_cleanup),
      contains(["", "clean-success", "clean-success-failed"], var.agent_settings.orchestration_cleanup),
    ])
    error_message = "In agent_settings use none or disk for session_logs_destination, \"\", after-execution or after-upload for plugin_output_cleanup, and \"\", clean-success or clean-success-failed for orchestration_cleanup."
  }

  validation {
    condition     = var.agent_settings == null ? true : floor(var.agent_settings.session_logs_retention_hours) == var.agent_settings.session_logs_retention_hours && var.agent_settings.session_logs_retention_hours >= 8
    error_message = "Set session_logs_retention_hours in agent_settings to a whole number, 8 at least."
  }
}

variable "schedule_expression" {
  description = "When the associations run again, beside at once: rate(…) or cron(…)."
  type        = string
  default     = "rate(1 day)"
  nullable    = false

  validation {
    condition     = can(regex("^(rate\\([1-9][0-9]* (minutes?|hours?|days?)\\)|cron\\([a-zA-Z0-9?*/,#L -]+\\))$", var.schedule_expression))
    error_message = "Write schedule_expression as rate(1 day), rate(12 hours) or cron(0 2 ? * SUN *)."
  }
}

variable "compliance_severity" {
  description = "What a node counts as on which an association failed: CRITICAL, HIGH, MEDIUM, LOW or UNSPECIFIED."
  type        = string
  default     = "HIGH"
  nullable    = false

  validation {
    condition     = contains(["CRITICAL", "HIGH", "MEDIUM", "LOW", "UNSPECIFIED"], var.compliance_severity)
    error_message = "Use CRITICAL, HIGH, MEDIUM, LOW or UNSPECIFIED for compliance_severity."
  }
}

variable "max_concurrency" {
  description = "Nodes, as a number or in percent, that run an association at a time; the same number of failures stops it."
  type        = string
  default     = "10%"
  nullable    = false

  validation {
    condition     = can(regex("^([1-9][0-9]{0,6}|[1-9][0-9]?%|100%)$", var.max_concurrency))
    error_message = "Give max_concurrency as a number (\"5\") or in percent (\"10%\")."
  }
}

variable "tags" {
  description = "Tags for the documents and associations."
  type        = map(string)
  default     = {}
  nullable    = false
}
