variable "name" {
  description = "Name of the role. Use the same name in every account of an organization (for --role-name)."
  type        = string
  default     = "SsmHardenAuditor"
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9+=,.@_-]{1,64}$", var.name))
    error_message = "name must have 1 to 64 letters, digits or + = , . @ _ - characters."
  }
}

variable "trusted_principal_arns" {
  description = "Full ARNs of the roles, users, or account roots that may assume the role."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.trusted_principal_arns) > 0 && alltrue([for arn in var.trusted_principal_arns : can(regex("^arn:[a-z-]+:iam::[0-9]{12}:(root|(role|user)/[^*?]+)$", arn))])
    error_message = "trusted_principal_arns must have at least one entry, and each must be a full ARN without wildcards, for example arn:aws:iam::111122223333:role/auditors."
  }
}

variable "external_id" {
  description = "External ID that callers must provide (--external-id). Set to null to require none, which is suitable for your own accounts."
  type        = string
  default     = null

  validation {
    condition     = var.external_id == null ? true : can(regex("^[a-zA-Z0-9+=,.@:/_-]{2,}$", var.external_id)) && length(var.external_id) <= 1224
    error_message = "external_id must have 2 to 1224 letters, digits or + = , . @ : / _ - characters, or be null."
  }
}

variable "log_bucket_names" {
  description = "Names of the log buckets whose settings and object listings the role may read. An empty list allows every bucket in the account."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for name in var.log_bucket_names : can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", name))])
    error_message = "Each entry of log_bucket_names must be a bucket name."
  }
}

variable "permissions_boundary_arn" {
  description = "ARN of the permissions boundary that the account requires for roles. Set to null for none."
  type        = string
  default     = null

  validation {
    condition     = var.permissions_boundary_arn == null || can(regex("^arn:[a-z-]+:iam::([0-9]{12}|aws):policy/.+$", var.permissions_boundary_arn))
    error_message = "permissions_boundary_arn must be the full ARN of a policy, or null."
  }
}

variable "tags" {
  description = "Tags for the role."
  type        = map(string)
  default     = {}
  nullable    = false
}
