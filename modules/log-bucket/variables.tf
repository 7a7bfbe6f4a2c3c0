variable "bucket_name" {
  description = "Name of the log bucket."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.bucket_name)) && !startswith(var.bucket_name, "xn--") && !endswith(var.bucket_name, "-s3alias")
    error_message = "bucket_name must have 3 to 63 lowercase letters, digits, and hyphens, and start and end with a letter or digit. Dots break TLS for private endpoints."
  }
}

variable "key_prefix" {
  description = "Key prefix under which the agents write. Retention and write permissions apply only to this prefix."
  type        = string
  default     = "session-logs"
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9_.=-]+(/[a-zA-Z0-9_.=-]+)*$", var.key_prefix)) && length(var.key_prefix) <= 512
    error_message = "key_prefix may contain letters, digits, and _ . = - characters, with single slashes between the parts and none at the ends."
  }
}

variable "kms_key_arn" {
  description = "ARN of the key for default encryption. Set to null for SSE-S3 (AES256), or to \"aws/s3\" for the AWS managed key."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null || var.kms_key_arn == "aws/s3" || can(regex("^(arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:(key|alias)/)?[a-zA-Z0-9/_-]+$", var.kms_key_arn))
    error_message = "kms_key_arn must be a full key ARN, or null for SSE-S3. A key ID or alias that an imported bucket already uses is also valid."
  }
}

variable "bucket_key_enabled" {
  description = "Whether to use an S3 Bucket Key, which reduces KMS requests. With null, one is used if there is a KMS key."
  type        = bool
  default     = null
}

variable "writer_role_arns" {
  description = "Full ARNs of the node roles that the bucket policy allows to write under the prefix. Required for roles in other accounts."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.writer_role_arns : can(regex("^arn:[a-z-]+:iam::[0-9]{12}:role/[^*?]+$", arn))])
    error_message = "Each entry of writer_role_arns must be a full role ARN without wildcards, for example arn:aws:iam::111122223333:role/web-node."
  }
}

variable "retention_days" {
  description = "Number of days after which recordings under the prefix expire. Set to null for no expiration rule."
  type        = number
  default     = 365

  validation {
    condition     = var.retention_days == null ? true : floor(var.retention_days) == var.retention_days && var.retention_days >= 1
    error_message = "retention_days must be a whole number of at least 1, or null to keep recordings indefinitely."
  }
}

variable "abort_uploads_after_days" {
  description = "Number of days after which incomplete uploads under the prefix are aborted. Set to null for no such rule."
  type        = number
  default     = 7

  validation {
    condition     = var.abort_uploads_after_days == null ? true : floor(var.abort_uploads_after_days) == var.abort_uploads_after_days && var.abort_uploads_after_days >= 1
    error_message = "abort_uploads_after_days must be a whole number of at least 1, or null."
  }
}

variable "object_lock" {
  description = "Default Object Lock retention for new objects: the mode (GOVERNANCE by default), and days or years. Set to null to leave Object Lock unchanged."
  type = object({
    mode  = optional(string, "GOVERNANCE")
    days  = optional(number)
    years = optional(number)
  })
  default = null

  validation {
    condition     = var.object_lock == null ? true : contains(["GOVERNANCE", "COMPLIANCE"], var.object_lock.mode)
    error_message = "The mode of object_lock must be GOVERNANCE (a named role can purge a secret) or COMPLIANCE (nobody can)."
  }

  validation {
    condition = var.object_lock == null ? true : (var.object_lock.days == null) != (var.object_lock.years == null) && alltrue([
      for time in [var.object_lock.days, var.object_lock.years] :
      time == null ? true : floor(time) == time && time >= 1 && time <= 36500
    ])
    error_message = "object_lock must have either days (1 to 36500) or years (1 to 100), as a whole number."
  }
}

variable "access_log_bucket" {
  description = "Name of another bucket that receives the server access logs. Set to null to leave access logging off."
  type        = string
  default     = null

  validation {
    condition     = var.access_log_bucket == null || can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.access_log_bucket))
    error_message = "access_log_bucket must be a bucket name that is known at plan time, or null to leave access logging off."
  }
}

variable "access_log_prefix" {
  description = "Key prefix of the access logs in access_log_bucket. With null, the prefix is the name of this bucket and a slash."
  type        = string
  default     = null
}

variable "object_ownership" {
  description = "Object ownership of the bucket. BucketOwnerEnforced disables ACLs, which an imported bucket may still need."
  type        = string
  default     = "BucketOwnerEnforced"
  nullable    = false

  validation {
    condition     = contains(["BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter"], var.object_ownership)
    error_message = "object_ownership must be BucketOwnerEnforced, or BucketOwnerPreferred or ObjectWriter for a bucket that uses ACLs."
  }
}

variable "deny_weak_transport" {
  description = "Whether the bucket policy denies plain HTTP and TLS below 1.2. Set to false for an imported bucket whose own policy denies them."
  type        = bool
  default     = true
  nullable    = false
}

variable "existing_policy" {
  description = "Policy of an imported bucket, as JSON. Every statement is kept, and the statements of this module are added to it."
  type        = string
  default     = null

  validation {
    condition     = var.existing_policy == null || can(keys(jsondecode(var.existing_policy)))
    error_message = "existing_policy must be the JSON text of a bucket policy, as printed by aws s3api get-bucket-policy, or null."
  }
}

variable "existing_lifecycle_rules" {
  description = "Lifecycle rules of an imported bucket, as S3 describes them. Every rule is kept, in addition to the rules of this module."
  type = list(object({
    id     = optional(string)
    status = optional(string, "Enabled")
    prefix = optional(string)
    filter = optional(object({
      prefix                   = optional(string)
      object_size_greater_than = optional(number)
      object_size_less_than    = optional(number)
      tag                      = optional(object({ key = string, value = string }))
      and = optional(object({
        prefix                   = optional(string)
        object_size_greater_than = optional(number)
        object_size_less_than    = optional(number)
        tags                     = optional(map(string))
      }))
    }))
    abort_incomplete_multipart_upload = optional(object({ days_after_initiation = number }))
    expiration = optional(object({
      date                         = optional(string)
      days                         = optional(number)
      expired_object_delete_marker = optional(bool)
    }))
    noncurrent_version_expiration = optional(object({
      newer_noncurrent_versions = optional(number)
      noncurrent_days           = optional(number)
    }))
    transitions = optional(list(object({
      date          = optional(string)
      days          = optional(number)
      storage_class = string
    })), [])
    noncurrent_version_transitions = optional(list(object({
      newer_noncurrent_versions = optional(number)
      noncurrent_days           = optional(number)
      storage_class             = string
    })), [])
  }))
  default  = []
  nullable = false
}

variable "tags" {
  description = "Tags for the bucket."
  type        = map(string)
  default     = {}
  nullable    = false
}
