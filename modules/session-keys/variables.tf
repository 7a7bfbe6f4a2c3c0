variable "name" {
  description = "Prefix of the key aliases: alias/<name>-session, alias/<name>-bucket, and alias/<name>-logs."
  type        = string
  default     = "ssm-session"
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9_/-]{1,200}$", var.name)) && !startswith(lower(var.name), "aws/")
    error_message = "name must have 1 to 200 letters, digits, hyphens, underscores, or slashes. The prefix \"aws/\" is reserved."
  }
}

variable "purposes" {
  description = "Keys to create: session (session encryption), bucket (logs in S3), logs (logs in CloudWatch Logs)."
  type        = set(string)
  default     = ["session", "bucket", "logs"]
  nullable    = false

  validation {
    condition     = length(var.purposes) > 0 && length(setsubtract(var.purposes, ["session", "bucket", "logs"])) == 0
    error_message = "purposes must have at least one entry, and each must be session, bucket, or logs."
  }
}

variable "log_group_name" {
  description = "Name of the log group that uses the logs key. CloudWatch Logs may use the key only for named log groups."
  type        = string
  default     = "/aws/ssm/session-logs"
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9_/.#-]{1,512}$", var.log_group_name))
    error_message = "log_group_name must have 1 to 512 letters, digits, or _ - / . # characters. A wildcard would allow the key for other log groups."
  }
}

variable "further_log_group_names" {
  description = "Names of other log groups that use the logs key."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for name in var.further_log_group_names : can(regex("^[a-zA-Z0-9_/.#-]{1,512}$", name))])
    error_message = "Each entry of further_log_group_names must have 1 to 512 letters, digits, or _ - / . # characters. A wildcard would allow the key for other log groups."
  }
}

variable "node_role_arns" {
  description = "Full ARNs of the node roles, which decrypt session data and encrypt the logs that they upload to S3."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.node_role_arns : can(regex("^arn:[a-z-]+:iam::[0-9]{12}:role/[^*?]+$", arn))])
    error_message = "Each entry of node_role_arns must be a full role ARN without wildcards, for example arn:aws:iam::111122223333:role/web-node."
  }
}

variable "operator_role_arns" {
  description = "Full ARNs of the roles or users who start sessions. They get data keys for sessions, but no access to logs."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.operator_role_arns : can(regex("^arn:[a-z-]+:iam::[0-9]{12}:(role|user)/[^*?]+$", arn))])
    error_message = "Each entry of operator_role_arns must be a full role or user ARN without wildcards, for example arn:aws:iam::111122223333:role/operator."
  }
}

variable "log_reader_arns" {
  description = "Full ARNs of the roles or users who may read the recordings in the bucket. Keep them separate from the operators."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.log_reader_arns : can(regex("^arn:[a-z-]+:iam::[0-9]{12}:(role|user)/[^*?]+$", arn))])
    error_message = "Each entry of log_reader_arns must be a full role or user ARN without wildcards, for example arn:aws:iam::111122223333:role/auditor."
  }
}

variable "deletion_window_in_days" {
  description = "Number of days, from 14 to 30, before a key that is scheduled for deletion is deleted. The deletion can be canceled during this time."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = floor(var.deletion_window_in_days) == var.deletion_window_in_days && var.deletion_window_in_days >= 14 && var.deletion_window_in_days <= 30
    error_message = "deletion_window_in_days must be a whole number from 14 to 30. After its deletion, recordings encrypted with the key cannot be read."
  }
}

variable "rotation_period_in_days" {
  description = "Number of days, from 90 to 2560, between rotations of the key material."
  type        = number
  default     = 365
  nullable    = false

  validation {
    condition     = floor(var.rotation_period_in_days) == var.rotation_period_in_days && var.rotation_period_in_days >= 90 && var.rotation_period_in_days <= 2560
    error_message = "rotation_period_in_days must be a whole number from 90 to 2560."
  }
}

variable "tags" {
  description = "Tags for the keys."
  type        = map(string)
  default     = {}
  nullable    = false
}
