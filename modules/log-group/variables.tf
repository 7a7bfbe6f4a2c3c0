variable "name" {
  description = "Name of the log group; the preferences document must carry the same name."
  type        = string
  default     = "/aws/ssm/session-logs"
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9_/.#-]{1,512}$", var.name)) && !startswith(var.name, "aws/")
    error_message = "Use 1 to 512 letters, digits or any of _ - / . # for name; it must not start with \"aws/\"."
  }
}

variable "kms_key_arn" {
  description = "ARN of the customer managed key, whose policy must admit CloudWatch Logs for this group; null only for an adopted group that has none."
  type        = string

  validation {
    condition     = var.kms_key_arn == null || can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/[a-zA-Z0-9-]+$", var.kms_key_arn))
    error_message = "Give kms_key_arn as a full key ARN (arn:aws:kms:<region>:<account>:key/<id>); CloudWatch Logs takes no alias."
  }
}

variable "retention_in_days" {
  description = "Days that recordings are kept; 0 keeps them for ever."
  type        = number
  default     = 365
  nullable    = false

  validation {
    condition = contains(
      [0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653],
      var.retention_in_days,
    )
    error_message = "Set retention_in_days to a value CloudWatch accepts: 0 (for ever), 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653."
  }
}

variable "tags" {
  description = "Tags for the log group."
  type        = map(string)
  default     = {}
  nullable    = false
}
