variable "name" {
  description = "Name of the log group. The preferences document must use the same name."
  type        = string
  default     = "/aws/ssm/session-logs"
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9_/.#-]{1,512}$", var.name)) && !startswith(var.name, "aws/")
    error_message = "name must have 1 to 512 letters, digits, or _ - / . # characters, and must not start with \"aws/\"."
  }
}

variable "kms_key_arn" {
  description = "ARN of the customer managed key. The key policy must allow CloudWatch Logs to use it for this log group. Set to null only for an imported log group without a key."
  type        = string

  validation {
    condition     = var.kms_key_arn == null || can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/[a-zA-Z0-9-]+$", var.kms_key_arn))
    error_message = "kms_key_arn must be a full key ARN (arn:aws:kms:<region>:<account>:key/<id>). CloudWatch Logs does not accept aliases."
  }
}

variable "retention_in_days" {
  description = "Number of days to keep recordings. Set to 0 to keep them indefinitely."
  type        = number
  default     = 365
  nullable    = false

  validation {
    condition = contains(
      [0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653],
      var.retention_in_days,
    )
    error_message = "retention_in_days must be a value that CloudWatch Logs accepts: 0 (no expiration), 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, or 3653."
  }
}

variable "tags" {
  description = "Tags for the log group."
  type        = map(string)
  default     = {}
  nullable    = false
}
