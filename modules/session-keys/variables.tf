variable "name" {
  description = "Prefix of the key aliases: alias/<name>-session, alias/<name>-bucket and alias/<name>-logs."
  type        = string
  default     = "ssm-session"
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9_/-]{1,200}$", var.name)) && !startswith(lower(var.name), "aws/")
    error_message = "Use 1 to 200 letters, digits, hyphens, underscores or slashes for name; the prefix \"aws/\" belongs to AWS."
  }
}

variable "purposes" {
  description = "Which keys to make: session (the channel), bucket (logs in S3), logs (logs in CloudWatch)."
  type        = set(string)
  default     = ["session", "bucket", "logs"]
  nullable    = false

  validation {
    condition     = length(var.purposes) > 0 && length(setsubtract(var.purposes, ["session", "bucket", "logs"])) == 0
    error_message = "Name at least one purpose, each one of: session, bucket, logs."
  }
}

variable "log_group_name" {
  description = "Name of the log group that the logs key serves; CloudWatch Logs may use the key for named groups only."
  type        = string
  default     = "/aws/ssm/session-logs"
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9_/.#-]{1,512}$", var.log_group_name))
    error_message = "Use 1 to 512 letters, digits or any of _ - / . # for log_group_name; a wildcard would open the key to other groups."
  }
}

variable "further_log_group_names" {
  description = "Names of further log groups that the logs key serves, where one key is to do for several."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for name in var.further_log_group_names : can(regex("^[a-zA-Z0-9_/.#-]{1,512}$", name))])
    error_message = "Use 1 to 512 letters, digits or any of _ - / . # for each entry of further_log_group_names; a wildcard would open the key to other groups."
  }
}

variable "node_role_arns" {
  description = "Roles of the instances: they decrypt the session channel and encrypt the logs they upload to S3."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.node_role_arns : can(regex("^arn:[a-z-]+:iam::[0-9]{12}:role/[^*?]+$", arn))])
    error_message = "Give each node role as a full role ARN without wildcards, for example arn:aws:iam::111122223333:role/web-node."
  }
}

variable "operator_role_arns" {
  description = "Roles of the people who start sessions: they get the data key of the session channel, and no log."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.operator_role_arns : can(regex("^arn:[a-z-]+:iam::[0-9]{12}:(role|user)/[^*?]+$", arn))])
    error_message = "Give each operator as a full role or user ARN without wildcards, for example arn:aws:iam::111122223333:role/operator."
  }
}

variable "log_reader_arns" {
  description = "Roles or users who may read the recordings in the bucket; keep them apart from the operators."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.log_reader_arns : can(regex("^arn:[a-z-]+:iam::[0-9]{12}:(role|user)/[^*?]+$", arn))])
    error_message = "Give each reader as a full role or user ARN without wildcards, for example arn:aws:iam::111122223333:role/auditor."
  }
}

variable "deletion_window_in_days" {
  description = "Days between the request to delete a key and its end; time to notice and to cancel."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = floor(var.deletion_window_in_days) == var.deletion_window_in_days && var.deletion_window_in_days >= 14 && var.deletion_window_in_days <= 30
    error_message = "Set deletion_window_in_days to a whole number from 14 to 30; a deleted key makes every recording unreadable."
  }
}

variable "rotation_period_in_days" {
  description = "Days between two rotations of the key material."
  type        = number
  default     = 365
  nullable    = false

  validation {
    condition     = floor(var.rotation_period_in_days) == var.rotation_period_in_days && var.rotation_period_in_days >= 90 && var.rotation_period_in_days <= 2560
    error_message = "Set rotation_period_in_days to a whole number from 90 to 2560."
  }
}

variable "tags" {
  description = "Tags for the keys."
  type        = map(string)
  default     = {}
  nullable    = false
}
