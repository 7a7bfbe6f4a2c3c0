variable "name" {
  description = "Prefix for the names of the policies, and name of the created role and instance profile."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9+=,.@_-]{1,64}$", var.name))
    error_message = "name must have 1 to 64 letters, digits or + = , . @ _ - characters."
  }
}

variable "role_name" {
  description = "Name of an existing node role that gets the permissions. Set to null to create a role and an instance profile."
  type        = string
  default     = null

  validation {
    condition     = var.role_name == null || can(regex("^[a-zA-Z0-9+=,.@_-]{1,64}$", var.role_name))
    error_message = "Give role_name as the plain name of a role, without path and not as an ARN, or null to make one."
  }
}

variable "s3_bucket_arn" {
  description = "ARN of the log bucket. Set to null if sessions are not recorded in S3."
  type        = string
  default     = null

  validation {
    condition     = var.s3_bucket_arn == null || can(regex("^arn:[a-z-]+:s3:::[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.s3_bucket_arn))
    error_message = "s3_bucket_arn must be the ARN of one bucket without a path or wildcards, or null."
  }
}

variable "s3_key_prefix" {
  description = "Key prefix under which the node may write to the bucket. Set to an empty string only if the preferences have no prefix."
  type        = string
  default     = "session-logs"
  nullable    = false

  validation {
    condition     = var.s3_key_prefix == "" || can(regex("^[a-zA-Z0-9_.=-]+(/[a-zA-Z0-9_.=-]+)*$", var.s3_key_prefix))
    error_message = "s3_key_prefix may contain letters, digits, and _ . = - characters, with single slashes between the parts and none at the ends."
  }
}

variable "bucket_kms_key_arn" {
  description = "ARN of the key for the default encryption of the log bucket. Set to null for SSE-S3 or the AWS managed key."
  type        = string
  default     = null

  validation {
    condition     = var.bucket_kms_key_arn == null || can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/[a-zA-Z0-9-]+$", var.bucket_kms_key_arn))
    error_message = "bucket_kms_key_arn must be the ARN of one key, or null. An alias ARN is not valid, because IAM policies do not resolve aliases."
  }
}

variable "log_group_arn" {
  description = "ARN of the log group, with or without \":*\". Set to null if sessions are not recorded in CloudWatch Logs."
  type        = string
  default     = null

  validation {
    condition     = var.log_group_arn == null || can(regex("^arn:[a-z-]+:logs:[a-z0-9-]+:[0-9]{12}:log-group:[a-zA-Z0-9_/.#-]{1,512}(:\\*)?$", var.log_group_arn))
    error_message = "log_group_arn must be the ARN of one log group, or null."
  }
}

variable "session_kms_key_arn" {
  description = "ARN of the key that the preferences use for session encryption. Set to null for TLS only."
  type        = string
  default     = null

  validation {
    condition     = var.session_kms_key_arn == null || can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/[a-zA-Z0-9-]+$", var.session_kms_key_arn))
    error_message = "session_kms_key_arn must be the ARN of one key, or null. An alias ARN is not valid, because IAM policies do not resolve aliases."
  }
}

variable "keep" {
  description = "Other Systems Manager features that the node uses: associations, inventory, patching, packages, run-command."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(setsubtract(var.keep, ["associations", "inventory", "patching", "packages", "run-command"])) == 0
    error_message = "keep may only contain associations, inventory, patching, packages, and run-command."
  }
}

variable "parameter_arns" {
  description = "ARNs of the parameters that the node may read. A path may end in \"/*\". An empty list allows none."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.parameter_arns : can(regex("^arn:[a-z-]+:ssm:[a-z0-9-]+:[0-9]{12}:parameter/[a-zA-Z0-9_./-]*[a-zA-Z0-9_.-](/\\*)?$", arn))])
    error_message = "Each entry of parameter_arns must be a full ARN with a name or path (…:parameter/app/*). \"parameter/*\" would allow all parameters."
  }
}

variable "permissions_boundary_arn" {
  description = "ARN of the permissions boundary for the created role. Set to null for none."
  type        = string
  default     = null

  validation {
    condition     = var.permissions_boundary_arn == null || can(regex("^arn:[a-z-]+:iam::([0-9]{12}|aws):policy/.+$", var.permissions_boundary_arn))
    error_message = "permissions_boundary_arn must be the full ARN of a policy, or null."
  }
}

variable "cross_account_bucket" {
  description = "Whether the log bucket belongs to another account. The node then also needs s3:PutObjectAcl."
  type        = bool
  default     = false
  nullable    = false
}

variable "replaced_policy_arn" {
  description = "ARN of an attached policy that the minimum session policy replaces after canary_passed is set to true. Set to null for none."
  type        = string
  default     = null

  validation {
    condition     = var.replaced_policy_arn == null || can(regex("^arn:[a-z-]+:iam::([0-9]{12}|aws):policy/.+$", var.replaced_policy_arn))
    error_message = "replaced_policy_arn must be the full ARN of the currently attached policy, or null."
  }
}

variable "canary_passed" {
  description = "Whether the canary test passed: a session on one node was started, found in both log stores, and ended. A policy is replaced only if this is true."
  type        = bool
  default     = false
  nullable    = false
}

variable "tags" {
  description = "Tags for the policies, the role, and the instance profile."
  type        = map(string)
  default     = {}
  nullable    = false
}
