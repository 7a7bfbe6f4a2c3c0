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
  description = "ARN of the key for default encryption; null encrypts with SSE-S3 (AES256), \"aws/s3\" with the key that AWS manages."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null || var.kms_key_arn == "aws/s3" || can(regex("^(arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:(key|alias)/)?[a-zA-Z0-9/_-]+$", var.kms_key_arn))
    error_message = "Give kms_key_arn as a full key ARN, or null for SSE-S3. The id or alias that an adopted bucket names already is kept as it is."
  }
}

variable "bucket_key_enabled" {
  description = "Whether S3 keeps a key for the bucket, which saves KMS calls; null: where there is a KMS key."
  type        = bool
  default     = null
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
  description = "Days after which recordings under the prefix expire; null adds no rule that expires them."
  type        = number
  default     = 365

  validation {
    condition     = var.retention_days == null ? true : floor(var.retention_days) == var.retention_days && var.retention_days >= 1
    error_message = "Set retention_days to a whole number of days from 1, or to null to keep recordings for ever."
  }
}

variable "abort_uploads_after_days" {
  description = "Days after which unfinished uploads under the prefix are aborted; null adds no rule for them."
  type        = number
  default     = 7

  validation {
    condition     = var.abort_uploads_after_days == null ? true : floor(var.abort_uploads_after_days) == var.abort_uploads_after_days && var.abort_uploads_after_days >= 1
    error_message = "Set abort_uploads_after_days to a whole number of days from 1, or to null."
  }
}

variable "object_lock" {
  description = "Object Lock for each new object: the mode, and days or years; null leaves Object Lock off, or as it is."
  type = object({
    mode  = optional(string, "GOVERNANCE")
    days  = optional(number)
    years = optional(number)
  })
  default = null

  validation {
    condition     = var.object_lock == null ? true : contains(["GOVERNANCE", "COMPLIANCE"], var.object_lock.mode)
    error_message = "Set the mode of object_lock to GOVERNANCE (a named role can purge a secret), or COMPLIANCE (nobody can)."
  }

  validation {
    condition = var.object_lock == null ? true : (var.object_lock.days == null) != (var.object_lock.years == null) && alltrue([
      for time in [var.object_lock.days, var.object_lock.years] :
      time == null ? true : floor(time) == time && time >= 1 && time <= 36500
    ])
    error_message = "Give object_lock either days (1 to 36500) or years (1 to 100), as a whole number."
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

variable "access_log_prefix" {
  description = "Prefix of the access logs in access_log_bucket; null: the name of this bucket and a slash."
  type        = string
  default     = null
}

variable "object_ownership" {
  description = "Who owns new objects; BucketOwnerEnforced switches ACLs off, which an adopted bucket may still need."
  type        = string
  default     = "BucketOwnerEnforced"
  nullable    = false

  validation {
    condition     = contains(["BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter"], var.object_ownership)
    error_message = "Set object_ownership to BucketOwnerEnforced; BucketOwnerPreferred and ObjectWriter are for buckets whose ACLs are in use."
  }
}

variable "deny_weak_transport" {
  description = "Deny plain HTTP and TLS below 1.2 in the bucket policy; false for an adopted bucket that denies them in its own words."
  type        = bool
  default     = true
  nullable    = false
}

variable "existing_policy" {
  description = "The policy that an adopted bucket has, as JSON: every statement is kept, and those of this module stand beside them."
  type        = string
  default     = null

  validation {
    condition     = var.existing_policy == null || can(keys(jsondecode(var.existing_policy)))
    error_message = "Give existing_policy as the JSON text of a bucket policy, as aws s3api get-bucket-policy prints it, or null."
  }
}

variable "existing_lifecycle_rules" {
  description = "The lifecycle rules that an adopted bucket has, each as S3 describes it: all are kept, beside those of this module."
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
