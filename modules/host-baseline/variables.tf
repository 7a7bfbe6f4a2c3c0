variable "name" {
  description = "Prefix for the names of the documents and associations."
  type        = string
  default     = "ssm-harden-host-baseline"
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9_.-]{3,100}$", var.name)) && !can(regex("^(aws|amazon|amzn)", lower(var.name)))
    error_message = "name must have 3 to 100 letters, digits, or _ - . characters. The prefixes aws, amazon, and amzn are reserved."
  }
}

variable "targets" {
  description = "Target nodes, as keys and values. The key is InstanceIds, tag:NAME, tag-key, or resource-groups:Name. Up to five targets, and a node must match all of them."
  type        = list(object({ key = string, values = list(string) }))
  nullable    = false

  validation {
    condition     = length(var.targets) >= 1 && length(var.targets) <= 5
    error_message = "targets must have one to five entries."
  }

  validation {
    condition = alltrue([for target in var.targets :
      can(regex("^(InstanceIds|tag-key|resource-groups:Name|tag:[a-zA-Z0-9_ .:/=+@-]{1,128})$", target.key)) && length(target.values) >= 1 && length(target.values) <= 50
    ])
    error_message = "The key of a target must be InstanceIds, tag:NAME, tag-key, or resource-groups:Name, with 1 to 50 values."
  }
}

variable "all_nodes_accepted" {
  description = "Whether the targets may be every node in the Region (the value \"*\")."
  type        = bool
  default     = false
  nullable    = false
}

variable "linux" {
  description = "Whether to create the documents and the association for Linux."
  type        = bool
  default     = true
  nullable    = false
}

variable "windows" {
  description = "Whether to create the documents for Windows and, with remove_privileges, the association."
  type        = bool
  default     = true
  nullable    = false
}

variable "run_as_user" {
  description = "Unprivileged OS user to create on Linux nodes for Run As. Set to null or an empty string to create none. An existing user is not changed."
  type        = string
  default     = null

  validation {
    condition     = var.run_as_user == null ? true : can(regex("^([a-z_][a-z0-9_-]{0,31})?$", var.run_as_user))
    error_message = "run_as_user must start with a lowercase letter or underscore, continue with lowercase letters, digits, _ or -, and have at most 32 characters, or be null."
  }

  validation {
    condition = var.run_as_user == null ? true : !contains(
      ["root", "toor", "ssm-user", "ec2-user", "ubuntu", "admin", "administrator", "centos", "debian", "fedora", "rocky", "almalinux", "cloud-user", "bitnami"],
      var.run_as_user,
    )
    error_message = "run_as_user must be an unprivileged user: root, ssm-user, and the default users of images have root permissions."
  }
}

variable "remove_privileges" {
  description = "Whether to remove sudo (Linux) and membership in Administrators (Windows) from ssm-user. Set to true after the canary test."
  type        = bool
  default     = false
  nullable    = false
}

variable "install_transcript_tools" {
  description = "Whether to install script and screen on Linux nodes without them, from the package sources of the node."
  type        = bool
  default     = true
  nullable    = false
}

variable "keep_agent_current" {
  description = "Whether to keep the agent up to date with AWS-UpdateSSMAgent."
  type        = bool
  default     = true
  nullable    = false
}

variable "agent_settings" {
  description = "Content of amazon-ssm-agent.json on Linux nodes without that file. Set to null to leave it out. A file from another source is never changed."
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
    error_message = "In agent_settings, session_logs_destination must be none or disk, plugin_output_cleanup must be \"\", after-execution or after-upload, and orchestration_cleanup must be \"\", clean-success or clean-success-failed."
  }

  validation {
    condition     = var.agent_settings == null ? true : floor(var.agent_settings.session_logs_retention_hours) == var.agent_settings.session_logs_retention_hours && var.agent_settings.session_logs_retention_hours >= 8
    error_message = "session_logs_retention_hours in agent_settings must be a whole number of at least 8."
  }
}

variable "schedule_expression" {
  description = "Schedule of the associations, which also run immediately: rate(…) or cron(…)."
  type        = string
  default     = "rate(1 day)"
  nullable    = false

  validation {
    condition     = can(regex("^(rate\\([1-9][0-9]* (minutes?|hours?|days?)\\)|cron\\([a-zA-Z0-9?*/,#L -]+\\))$", var.schedule_expression))
    error_message = "schedule_expression must have the form rate(1 day), rate(12 hours) or cron(0 2 ? * SUN *)."
  }
}

variable "compliance_severity" {
  description = "Compliance severity of a node whose association failed: CRITICAL, HIGH, MEDIUM, LOW, or UNSPECIFIED."
  type        = string
  default     = "HIGH"
  nullable    = false

  validation {
    condition     = contains(["CRITICAL", "HIGH", "MEDIUM", "LOW", "UNSPECIFIED"], var.compliance_severity)
    error_message = "compliance_severity must be CRITICAL, HIGH, MEDIUM, LOW, or UNSPECIFIED."
  }
}

variable "max_concurrency" {
  description = "Number or percentage of nodes that run an association at the same time. The association stops after as many failures."
  type        = string
  default     = "10%"
  nullable    = false

  validation {
    condition     = can(regex("^([1-9][0-9]{0,6}|[1-9][0-9]?%|100%)$", var.max_concurrency))
    error_message = "max_concurrency must be a number (\"5\") or a percentage (\"10%\")."
  }
}

variable "tags" {
  description = "Tags for the documents and associations."
  type        = map(string)
  default     = {}
  nullable    = false
}
