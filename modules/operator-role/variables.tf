variable "name" {
  description = "Prefix of the policies' names; name of the role where it is made."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9+=,.@_-]{1,64}$", var.name))
    error_message = "Use 1 to 64 letters, digits or + = , . @ _ - for name."
  }
}

variable "role_name" {
  description = "Name of an existing role that gets the rights, and the guard; null makes a role."
  type        = string
  default     = null

  validation {
    condition     = var.role_name == null || can(regex("^[a-zA-Z0-9+=,.@_-]{1,64}$", var.role_name))
    error_message = "Give role_name as the plain name of a role, without path and not as an ARN, or null to make one."
  }
}

variable "trusted_principal_arns" {
  description = "Roles, users or accounts (their root) that may assume the role made here, as full ARNs."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.trusted_principal_arns : can(regex("^arn:[a-z-]+:iam::[0-9]{12}:(root|(role|user)/[^*?]+)$", arn))])
    error_message = "Give each principal as a full ARN without wildcards, for example arn:aws:iam::111122223333:role/engineers."
  }
}

variable "max_session_duration" {
  description = "Longest time that the role made here can be assumed for, in seconds."
  type        = number
  default     = 3600
  nullable    = false

  validation {
    condition     = floor(var.max_session_duration) == var.max_session_duration && var.max_session_duration >= 3600 && var.max_session_duration <= 43200
    error_message = "Set max_session_duration to 3600 to 43200 seconds (1 to 12 hours)."
  }
}

variable "require_mfa" {
  description = "Whether the role made here asks for MFA; false only where the identity provider asked for it already."
  type        = bool
  default     = true
  nullable    = false
}

variable "require_source_identity" {
  description = "Whether the role made here asks for a source identity, which names the person in the history and the trail."
  type        = bool
  default     = true
  nullable    = false
}

variable "node_tag_key" {
  description = "Tag that says on which nodes sessions may be opened; whoever may write it chooses the nodes."
  type        = string
  default     = "SessionAccess"
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9 _.:/=+@-]{1,128}$", var.node_tag_key)) && !startswith(lower(var.node_tag_key), "aws:")
    error_message = "Use 1 to 128 letters, digits, spaces or _ . : / = + - @ for node_tag_key; the prefix \"aws:\" belongs to AWS."
  }
}

variable "node_tag_values" {
  description = "Values of that tag that open a node."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.node_tag_values) > 0 && alltrue([for value in var.node_tag_values : can(regex("^[a-zA-Z0-9 _.:/=+@-]{1,256}$", value))])
    error_message = "Name at least one of node_tag_values, without wildcards: with none, the guard would close every node."
  }
}

variable "document_arns" {
  description = "Session documents that may be used, by ARN; null is the preferences of this account and Region."
  type        = list(string)
  default     = null

  validation {
    condition     = var.document_arns == null ? true : length(var.document_arns) > 0 && alltrue([for arn in var.document_arns : can(regex("^arn:[a-z-]+:ssm:[a-z0-9-]+:[0-9]{12}:document/[a-zA-Z0-9_.-]{3,128}$", arn))])
    error_message = "Give each of document_arns with Region, account and name, without wildcards; AWS-owned ones belong to tunnel_document_arns."
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

variable "tunnel_document_arns" {
  description = "Documents whose sessions nobody can record (SSH, port forwarding) and that may be used all the same."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.tunnel_document_arns : can(regex("^arn:[a-z-]+:ssm:[a-z0-9*-]+:([0-9]{12})?:document/[a-zA-Z0-9_.-]{3,128}$", arn))])
    error_message = "Give each tunnel document by its ARN; the account of an AWS-owned one is empty: arn:aws:ssm:*::document/AWS-StartSSHSession."
  }
}

variable "enforce_guard" {
  description = "Whether the denials are attached. False while a canary session has not shown that the rights suffice."
  type        = bool
  default     = true
  nullable    = false
}

variable "guard_exempt_principal_arns" {
  description = "Roles and users that the denials do not bind where they use the policy too (break glass, pipeline), as full ARNs."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.guard_exempt_principal_arns : can(regex("^arn:[a-z-]+:iam::[0-9]{12}:(role|user)/[^*?]+$", arn))])
    error_message = "Give each exempt principal as a full ARN of a role or user, without wildcards."
  }
}

variable "evidence_arns" {
  description = "Log buckets, log groups and keys whose deletion is denied, by ARN; [\"*\"] is every one."
  type        = list(string)
  default     = ["*"]
  nullable    = false

  validation {
    condition     = length(var.evidence_arns) > 0 && alltrue([for arn in var.evidence_arns : arn == "*" || can(regex("^arn:[a-z-]+:(s3:::[a-z0-9.-]{3,63}|logs:[a-z0-9-]+:[0-9]{12}:log-group:[a-zA-Z0-9_/.#-]+(:\\*)?|kms:[a-z0-9-]+:[0-9]{12}:key/[a-zA-Z0-9-]+)$", arn))])
    error_message = "Give each of evidence_arns as the ARN of a bucket, log group or key, or [\"*\"] for every one."
  }
}

variable "tags" {
  description = "Tags for the policies and the role."
  type        = map(string)
  default     = {}
  nullable    = false
}
