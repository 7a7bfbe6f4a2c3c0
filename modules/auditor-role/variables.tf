variable "name" {
  description = "Name of the role; the same in every account of an organization, for --role-name."
  type        = string
  default     = "SsmHardenAuditor"
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9+=,.@_-]{1,64}$", var.name))
    error_message = "Use 1 to 64 letters, digits or + = , . @ _ - for name."
  }
}

variable "trusted_principal_arns" {
  description = "Roles, users or accounts (their root) that may assume the role, as full ARNs."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.trusted_principal_arns) > 0 && alltrue([for arn in var.trusted_principal_arns : can(regex("^arn:[a-z-]+:iam::[0-9]{12}:(root|(role|user)/[^*?]+)$", arn))])
    error_message = "Name at least one principal, each as a full ARN without wildcards, for example arn:aws:iam::111122223333:role/auditors."
  }
}

variable "external_id" {
  description = "What whoever assumes the role must name (--external-id); null asks for none, which suits one's own accounts."
  type        = string
  default     = null

  validation {
    condition     = var.external_id == null ? true : can(regex("^[a-zA-Z0-9+=,.@:/_-]{2,}$", var.external_id)) && length(var.external_id) <= 1224
    error_message = "Use 2 to 1224 letters, digits or + = , . @ : / _ - for external_id, or null."
  }
}

variable "log_bucket_names" {
  description = "Log buckets whose settings and listings may be read; an empty list means every bucket of the account."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for name in var.log_bucket_names : can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", name))])
    error_message = "Give each of log_bucket_names as the plain name of a bucket."
  }
}

variable "permissions_boundary_arn" {
  description = "ARN of the permissions boundary that roles of the account must carry; null sets none."
  type        = string
  default     = null

  validation {
    condition     = var.permissions_boundary_arn == null || can(regex("^arn:[a-z-]+:iam::([0-9]{12}|aws):policy/.+$", var.permissions_boundary_arn))
    error_message = "Give permissions_boundary_arn as the full ARN of a policy, or null."
  }
}

variable "tags" {
  description = "Tags for the role."
  type        = map(string)
  default     = {}
  nullable    = false
}
