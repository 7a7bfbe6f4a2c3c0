variable "bucket_name" {
  description = "Name of the log bucket."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.bucket_name)) && !startswith(var.bucket_name, "xn--") && !endswith(var.bucket_name, "-s3alias")
    error_message = "Use 3 to 63 lower-case letters, digits and hyphens for bucket_name, starting and ending with a letter or digit; dots break TLS for private endpoints."
  }
}

variable "key_prefix" {
  description = "Prefix under which the agents write; retention and write rights cover nothing else in the bucket."
  type        = string
  default     = "session-logs"
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9_.=-]+(/[a-zA-Z0-9_.=-]+)*$", var.key_prefix)) && length(var.key_prefix) <= 512
    error_message = "Use letters, digits and _ . = - for key_prefix, with single slashes between parts and none at either end."
  }
}

variable "kms_key_arn" {
  description = "ARN of the key for default encryption; null encrypts with SSE-S3 (AES256)."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null || can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/[a-zA-Z0-9-]+$", var.kms_key_arn))
    error_message = "Give kms_key_arn as a full key ARN (an alias would resolve in the caller's account), or null for SSE-S3."
  }
}

variable "writer_role_arns" {
  description = "Node roles that the bucket policy lets write under the prefix; needed for roles of other accounts."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.writer_role_arns : can(regex("^arn:[a-z-]+:iam::[0-9]{12}:role/[^*?]+$", arn))])
    error_message = "Give each writer as a full role ARN without wildcards, for example arn:aws:iam::111122223333:role/web-node."
  }
}

variable "retention_days" {
  description = "Days after which recordings expire; null keeps them for ever."
  type        = number
  default     = 365

  validation {
    condition     = var.retention_days == null ? true : floor(var.retention_days) == var.retention_days && var.retention_days >= 1
    error_message = "Set retention_days to a whole number of days from 1, or to null to keep recordings for ever."
  }
}

variable "object_lock_days" {
  description = "Days for which Object Lock (GOVERNANCE) guards each recording; null leaves Object Lock off."
  type        = number
  default     = null

  validation {
    condition     = var.object_lock_days == null ? true : floor(var.object_lock_days) == var.object_lock_days && var.object_lock_days >= 1 && var.object_lock_days <= 36500
    error_message = "Set object_lock_days to a whole number of days from 1 to 36500, or to null for no Object Lock."
  }
}

variable "access_log_bucket" {
  description = "Name of another bucket that receives the server access logs; null leaves access logging off."
  type        = string
  default     = null

  validation {
    condition     = var.access_log_bucket == null || can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.access_log_bucket))
    error_message = "Give access_log_bucket as the name of a bucket, written out: Terraform must know it when it plans. null leaves access logging off."
  }
}

variable "tags" {
  description = "Tags for the bucket."
  type        = map(string)
  default     = {}
  nullable    = false
}
