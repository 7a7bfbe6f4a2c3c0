variable "s3_bucket_name" {
  description = "Name of the bucket that receives each recording when its session ends. Set to null to write none to S3."
  type        = string
  default     = null

  validation {
    condition     = var.s3_bucket_name == null || can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.s3_bucket_name))
    error_message = "s3_bucket_name must be a bucket name (3 to 63 lowercase letters, digits, and hyphens), or null."
  }
}

variable "s3_key_prefix" {
  description = "Key prefix of the recordings in the bucket, without slashes at the ends. An empty string means the root of the bucket."
  type        = string
  default     = "session-logs"
  nullable    = false

  validation {
    condition     = !can(regex("[[:cntrl:]]", var.s3_key_prefix)) && var.s3_key_prefix != "/"
    error_message = "s3_key_prefix must be one line of text, or an empty string for the root of the bucket."
  }
}

variable "s3_encryption_enabled" {
  description = "Whether the agent refuses a session unless the bucket is encrypted by default. If false, the session runs unrecorded."
  type        = bool
  default     = true
  nullable    = false
}

variable "log_group_name" {
  description = "Name of the existing log group that receives session logs. Set to null to write none to CloudWatch Logs."
  type        = string
  default     = null

  validation {
    condition     = var.log_group_name == null || can(regex("^[a-zA-Z0-9_/.#-]{1,512}$", var.log_group_name))
    error_message = "log_group_name must be the name of a log group (not its ARN), or null."
  }
}

variable "cloudwatch_encryption_enabled" {
  description = "Whether the agent refuses a session unless the log group uses a customer managed key. If false, the session runs unrecorded."
  type        = bool
  default     = true
  nullable    = false
}

variable "cloudwatch_streaming_enabled" {
  description = "Whether to stream logs while the session runs. If false, they are uploaded when the session ends and are lost if the node fails."
  type        = bool
  default     = true
  nullable    = false
}

variable "kms_key_arn" {
  description = "ARN of the key that encrypts session data end to end, in addition to TLS. Set to null for TLS only. A key ID or alias that an imported document uses is also valid."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null || can(regex("^((arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:(key|alias)/|alias/)[a-zA-Z0-9/_-]+|(mrk-)?[0-9a-f-]{32,36})$", var.kms_key_arn))
    error_message = "kms_key_arn must be the full ARN of a key or alias (arn:aws:kms:<region>:<account>:key/<id>), or null. A key in the same account may also be given by its ID or alias/NAME."
  }
}

variable "run_as_enabled" {
  description = "Whether Linux and macOS sessions run as a named OS user. If false, all of them run as ssm-user, which has sudo."
  type        = bool
  default     = true
  nullable    = false
}

variable "run_as_default_user" {
  description = "OS user for callers without the tag SSMSessionRunAs. With an empty string, such callers are refused."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = var.run_as_default_user == "" || can(regex("^[a-zA-Z_][a-zA-Z0-9_.-]{0,31}$", var.run_as_default_user))
    error_message = "run_as_default_user must start with a letter or underscore, continue with letters, digits, _ . or -, and have at most 32 characters, because the agent uses it in a shell command."
  }

  validation {
    condition = !contains(
      ["root", "toor", "ssm-user", "ec2-user", "ubuntu", "admin", "administrator", "centos", "debian", "fedora", "rocky", "almalinux", "cloud-user", "bitnami"],
      lower(var.run_as_default_user),
    )
    error_message = "run_as_default_user must be an unprivileged user: root, ssm-user, and the default users of images have root permissions."
  }
}

variable "idle_session_timeout_minutes" {
  description = "Number of minutes without input, from 1 to 60, after which a session ends. With null, the service default applies (20)."
  type        = number
  default     = 15

  validation {
    condition     = var.idle_session_timeout_minutes == null ? true : floor(var.idle_session_timeout_minutes) == var.idle_session_timeout_minutes && var.idle_session_timeout_minutes >= 1 && var.idle_session_timeout_minutes <= 60
    error_message = "idle_session_timeout_minutes must be a whole number from 1 to 60."
  }
}

variable "max_session_duration_minutes" {
  description = "Number of minutes, from 1 to 1440, after which a session always ends. Set to null for no maximum."
  type        = number
  default     = 60

  validation {
    condition     = var.max_session_duration_minutes == null ? true : floor(var.max_session_duration_minutes) == var.max_session_duration_minutes && var.max_session_duration_minutes >= 1 && var.max_session_duration_minutes <= 1440
    error_message = "max_session_duration_minutes must be a whole number from 1 to 1440."
  }

  validation {
    condition     = var.max_session_duration_minutes == null ? true : var.max_session_duration_minutes < 1000 || var.max_session_duration_minutes == 1440 || var.max_session_duration_minutes % 100 < 40
    error_message = "Use a round value for max_session_duration_minutes, such as 960, 1020, or 1440. Above 1000, the service rejects values whose last two digits are 40 or more (1440 is valid)."
  }
}

variable "shell_profile" {
  description = "Commands that each shell runs at its start, as the session user: on Linux and macOS, and in PowerShell."
  type = object({
    linux   = optional(string, "")
    windows = optional(string, "")
  })
  default  = {}
  nullable = false
}

variable "description" {
  description = "Description in the document. Set to null to leave it out, for an imported document without one."
  type        = string
  default     = "Session Manager preferences (managed by Terraform)"
}

variable "document_name" {
  description = "Name of the document. Only SSM-SessionManagerRunShell holds the preferences of the Region."
  type        = string
  default     = "SSM-SessionManagerRunShell"
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9_.-]{3,128}$", var.document_name)) && !can(regex("^(aws|amazon|amzn)", lower(var.document_name)))
    error_message = "document_name must have 3 to 128 letters, digits, or _ - . characters. The prefixes aws, amazon, and amzn are reserved."
  }
}

variable "tags" {
  description = "Tags for the document."
  type        = map(string)
  default     = {}
  nullable    = false
}
