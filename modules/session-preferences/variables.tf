variable "s3_bucket_name" {
  description = "Bucket that receives each recording when its session ends; null writes none to S3."
  type        = string
  default     = null

  validation {
    condition     = var.s3_bucket_name == null || can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.s3_bucket_name))
    error_message = "Give s3_bucket_name as the plain name of a bucket (3 to 63 lower-case letters, digits, hyphens), or null."
  }
}

variable "s3_key_prefix" {
  description = "Prefix of the recordings in the bucket; an empty text means the root of the bucket. Write it without slashes at the ends."
  type        = string
  default     = "session-logs"
  nullable    = false

  validation {
    condition     = !can(regex("[[:cntrl:]]", var.s3_key_prefix)) && var.s3_key_prefix != "/"
    error_message = "Write s3_key_prefix as one line of text, and an empty text for the root of the bucket."
  }
}

variable "s3_encryption_enabled" {
  description = "Refuse a session unless the bucket is encrypted by default; false lets it run unrecorded."
  type        = bool
  default     = true
  nullable    = false
}

variable "log_group_name" {
  description = "Existing log group that receives the session's events; null writes none to CloudWatch Logs."
  type        = string
  default     = null

  validation {
    condition     = var.log_group_name == null || can(regex("^[a-zA-Z0-9_/.#-]{1,512}$", var.log_group_name))
    error_message = "Give log_group_name as the plain name of a log group (not its ARN), or null."
  }
}

variable "cloudwatch_encryption_enabled" {
  description = "Refuse a session unless the log group has a customer key; false lets it run unrecorded."
  type        = bool
  default     = true
  nullable    = false
}

variable "cloudwatch_streaming_enabled" {
  description = "Send events while the session runs; false uploads them when it ends, so they die with the node."
  type        = bool
  default     = true
  nullable    = false
}

variable "kms_key_arn" {
  description = "ARN of the key that encrypts the session channel end to end, beside TLS; null leaves TLS alone. The id or alias that an adopted document names is kept."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null || can(regex("^((arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:(key|alias)/|alias/)[a-zA-Z0-9/_-]+|(mrk-)?[0-9a-f-]{32,36})$", var.kms_key_arn))
    error_message = "Give kms_key_arn as the full ARN of a key or alias (arn:aws:kms:<region>:<account>:key/<id>), or null. A key of the same account may also be named by its id or alias/NAME."
  }
}

variable "run_as_enabled" {
  description = "Run Linux and macOS sessions as a named OS user; false runs them all as ssm-user, who has sudo."
  type        = bool
  default     = true
  nullable    = false
}

variable "run_as_default_user" {
  description = "OS user for callers without the tag SSMSessionRunAs; empty refuses such callers."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = var.run_as_default_user == "" || can(regex("^[a-zA-Z_][a-zA-Z0-9_.-]{0,31}$", var.run_as_default_user))
    error_message = "Start run_as_default_user with a letter or underscore and go on with letters, digits, _ . or - (32 at most): the agent puts it into a shell command."
  }

  validation {
    condition = !contains(
      ["root", "toor", "ssm-user", "ec2-user", "ubuntu", "admin", "administrator", "centos", "debian", "fedora", "rocky", "almalinux", "cloud-user", "bitnami"],
      lower(var.run_as_default_user),
    )
    error_message = "Choose an unprivileged user for run_as_default_user: root, ssm-user and the images' default users have root rights."
  }
}

variable "idle_session_timeout_minutes" {
  description = "Minutes without input after which a session ends; null leaves it to the service (20)."
  type        = number
  default     = 15

  validation {
    condition     = var.idle_session_timeout_minutes == null ? true : floor(var.idle_session_timeout_minutes) == var.idle_session_timeout_minutes && var.idle_session_timeout_minutes >= 1 && var.idle_session_timeout_minutes <= 60
    error_message = "Set idle_session_timeout_minutes to a whole number from 1 to 60."
  }
}

variable "max_session_duration_minutes" {
  description = "Minutes after which a session ends in any case; null sets no maximum."
  type        = number
  default     = 60

  validation {
    condition     = var.max_session_duration_minutes == null ? true : floor(var.max_session_duration_minutes) == var.max_session_duration_minutes && var.max_session_duration_minutes >= 1 && var.max_session_duration_minutes <= 1440
    error_message = "Set max_session_duration_minutes to a whole number from 1 to 1440."
  }

  validation {
    condition     = var.max_session_duration_minutes == null ? true : var.max_session_duration_minutes < 1000 || var.max_session_duration_minutes == 1440 || var.max_session_duration_minutes % 100 < 40
    error_message = "Choose a round value for max_session_duration_minutes, such as 960, 1020 or 1440: above 1000 the service's own pattern refuses those whose last two digits are 40 or more."
  }
}

variable "shell_profile" {
  description = "Texts typed into each shell at its start, as the session's user: on Linux and macOS, and into PowerShell."
  type = object({
    linux   = optional(string, "")
    windows = optional(string, "")
  })
  default  = {}
  nullable = false
}

variable "description" {
  description = "What the document says of itself; null leaves it out, for an adopted document that says nothing."
  type        = string
  default     = "Session Manager preferences (managed by Terraform)"
}

variable "document_name" {
  description = "Name of the document. Only SSM-SessionManagerRunShell holds the preferences of the region."
  type        = string
  default     = "SSM-SessionManagerRunShell"
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9_.-]{3,128}$", var.document_name)) && !can(regex("^(aws|amazon|amzn)", lower(var.document_name)))
    error_message = "Use 3 to 128 letters, digits or _ - . for document_name; the prefixes aws, amazon and amzn are reserved."
  }
}

variable "tags" {
  description = "Tags for the document."
  type        = map(string)
  default     = {}
  nullable    = false
}
