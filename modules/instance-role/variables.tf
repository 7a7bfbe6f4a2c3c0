variable "name" {
  description = "Prefix of the policies' names; name of the role and of its instance profile where those are made."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9+=,.@_-]{1,64}$", var.name))
    error_message = "Use 1 to 64 letters, digits or + = , . @ _ - for name."
  }
}

variable "role_name" {
  description = "Name of an existing node role that gets the rights; null makes a role and an instance profile."
  type        = string
  default     = null

  validation {
    condition     = var.role_name == null || can(regex("^[a-zA-Z0-9+=,.@_-]{1,64}$", var.role_name))
    error_message = "Give role_name as the plain name of a role, without path and not as an ARN, or null to make one."
  }
}

variable "s3_bucket_arn" {
  description = "ARN of the log bucket; null: sessions are not recorded in S3."
  type        = string
  default     = null

  validation {
    condition     = var.s3_bucket_arn == null || can(regex("^arn:[a-z-]+:s3:::[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.s3_bucket_arn))
    error_message = "Give s3_bucket_arn as the ARN of one bucket, without a path and without wildcards, or null."
  }
}

variable "s3_key_prefix" {
  description = "Prefix in the bucket under which the node may write; empty only where the preferences name no prefix."
  type        = string
  default     = "session-logs"
  nullable    = false

  validation {
    condition     = var.s3_key_prefix == "" || can(regex("^[a-zA-Z0-9_.=-]+(/[a-zA-Z0-9_.=-]+)*$", var.s3_key_prefix))
    error_message = "Use letters, digits and _ . = - for s3_key_prefix, with single slashes between parts and none at either end."
  }
}

variable "bucket_kms_key_arn" {
  description = "ARN of the key of the log bucket's default encryption; null: SSE-S3, or the key that AWS manages."
  type        = string
  default     = null

  validation {
    condition     = var.bucket_kms_key_arn == null || can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/[a-zA-Z0-9-]+$", var.bucket_kms_key_arn))
    error_message = "Give bucket_kms_key_arn as the ARN of one key (not of an alias: IAM policies do not follow aliases), or null."
  }
}

variable "log_group_arn" {
  description = "ARN of the log group, with or without \":*\"; null: sessions are not recorded in CloudWatch Logs."
  type        = string
  default     = null

  validation {
    condition     = var.log_group_arn == null || can(regex("^arn:[a-z-]+:logs:[a-z0-9-]+:[0-9]{12}:log-group:[a-zA-Z0-9_/.#-]{1,512}(:\\*)?$", var.log_group_arn))
    error_message = "Give log_group_arn as the ARN of one log group, or null."
  }
}

variable "session_kms_key_arn" {
  description = "ARN of the key that the preferences encrypt the session channel with; null: TLS alone."
  type        = string
  default     = null

  validation {
    condition     = var.session_kms_key_arn == null || can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/[a-zA-Z0-9-]+$", var.session_kms_key_arn))
    error_message = "Give session_kms_key_arn as the ARN of one key (not of an alias: IAM policies do not follow aliases), or null."
  }
}

variable "keep" {
  description = "What else of Systems Manager the node uses: associations, inventory, patching, packages, run-command."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(setsubtract(var.keep, ["associations", "inventory", "patching", "packages", "run-command"])) == 0
    error_message = "Name in keep only: associations, inventory, patching, packages, run-command."
  }
}

variable "parameter_arns" {
  description = "Parameters that the node reads, by ARN; a path may end in \"/*\". Empty: none."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.parameter_arns : can(regex("^arn:[a-z-]+:ssm:[a-z0-9-]+:[0-9]{12}:parameter/[a-zA-Z0-9_./-]*[a-zA-Z0-9_.-](/\\*)?$", arn))])
    error_message = "Give each parameter as a full ARN with a name or path (…:parameter/app/*): \"parameter/*\" would open them all."
  }
}

variable "permissions_boundary_arn" {
  description = "ARN of the permissions boundary of the role made here; null sets none."
  type        = string
  default     = null

  validation {
    condition     = var.permissions_boundary_arn == null || can(regex("^arn:[a-z-]+:iam::([0-9]{12}|aws):policy/.+$", var.permissions_boundary_arn))
    error_message = "Give permissions_boundary_arn as the full ARN of a policy, or null."
  }
}

variable "cross_account_bucket" {
  description = "Whether the log bucket belongs to another account: then the node needs s3:PutObjectAcl too."
  type        = bool
  default     = false
  nullable    = false
}

variable "replaced_policy_arn" {
  description = "ARN of an attached policy whose place the session minimum takes once canary_passed is true; null: none."
  type        = string
  default     = null

  validation {
    condition     = var.replaced_policy_arn == null || can(regex("^arn:[a-z-]+:iam::([0-9]{12}|aws):policy/.+$", var.replaced_policy_arn))
    error_message = "Give replaced_policy_arn as the full ARN of the policy that is attached now, or null."
  }
}

variable "canary_passed" {
  description = "Whether a session on one node was started, found in both log stores and ended; only then is anything replaced."
  type        = bool
  default     = false
  nullable    = false
}

variable "tags" {
  description = "Tags for the policies, the role and the instance profile."
  type        = map(string)
  default     = {}
  nullable    = false
}
