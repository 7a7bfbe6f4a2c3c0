variable "name" {
  description = "Prefix for the names of the policies, and name of the created role."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9+=,.@_-]{1,64}$", var.name))
    error_message = "name must have 1 to 64 letters, digits or + = , . @ _ - characters."
  }
}

variable "role_name" {
  description = "Name of an existing role that gets the permissions and the guard. Set to null to create a role."
  type        = string
  default     = null

  validation {
    condition     = var.role_name == null || can(regex("^[a-zA-Z0-9+=,.@_-]{1,64}$", var.role_name))
    error_message = "role_name must be the name of a role without its path (not an ARN), or null to create one."
  }
}

variable "trusted_principal_arns" {
  description = "Full ARNs of the roles, users, or account roots that may assume the created role."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.trusted_principal_arns : can(regex("^arn:[a-z-]+:iam::[0-9]{12}:(root|(role|user)/[^*?]+)$", arn))])
    error_message = "Each entry of trusted_principal_arns must be a full ARN without wildcards, for example arn:aws:iam::111122223333:role/engineers."
  }
}

variable "max_session_duration" {
  description = "Maximum session duration of the created role, in seconds."
  type        = number
  default     = 3600
  nullable    = false

  validation {
    condition     = floor(var.max_session_duration) == var.max_session_duration && var.max_session_duration >= 3600 && var.max_session_duration <= 43200
    error_message = "max_session_duration must be 3600 to 43200 seconds (1 to 12 hours)."
  }
}

variable "require_mfa" {
  description = "Whether the created role requires MFA. Set to false only if the identity provider already requires it."
  type        = bool
  default     = true
  nullable    = false
}

variable "require_source_identity" {
  description = "Whether the created role requires a source identity, which identifies the person in the session history and in CloudTrail."
  type        = bool
  default     = true
  nullable    = false
}

variable "node_tag_key" {
  description = "Key of the tag that selects the nodes on which sessions may start. Anyone who may set the tag selects the nodes."
  type        = string
  default     = "SessionAccess"
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9 _.:/=+@-]{1,128}$", var.node_tag_key)) && !startswith(lower(var.node_tag_key), "aws:")
    error_message = "node_tag_key must have 1 to 128 letters, digits, spaces, or _ . : / = + - @ characters. The prefix \"aws:\" is reserved."
  }
}

variable "node_tag_values" {
  description = "Values of that tag that allow sessions on a node."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.node_tag_values) > 0 && alltrue([for value in var.node_tag_values : can(regex("^[a-zA-Z0-9 _.:/=+@-]{1,256}$", value))])
    error_message = "node_tag_values must have at least one entry without wildcards. With none, the guard would deny every node."
  }
}

variable "document_arns" {
  description = "ARNs of the approved session documents. With null, only the preferences of this account and Region are approved."
  type        = list(string)
  default     = null

  validation {
    condition     = var.document_arns == null ? true : length(var.document_arns) > 0 && alltrue([for arn in var.document_arns : can(regex("^arn:[a-z-]+:ssm:[a-z0-9-]+:[0-9]{12}:document/[a-zA-Z0-9_.-]{3,128}$", arn))])
    error_message = "Each entry of document_arns must have a Region, an account, and a name, without wildcards. Add AWS-owned documents to tunnel_document_arns."
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

variable "tunnel_document_arns" {
  description = "ARNs of documents that are allowed although their sessions (SSH, port forwarding) cannot be recorded."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.tunnel_document_arns : can(regex("^arn:[a-z-]+:ssm:[a-z0-9*-]+:([0-9]{12})?:document/[a-zA-Z0-9_.-]{3,128}$", arn))])
    error_message = "Each entry of tunnel_document_arns must be a document ARN. AWS-owned documents have no account: arn:aws:ssm:*::document/AWS-StartSSHSession."
  }
}

variable "enforce_guard" {
  description = "Whether to attach the guard policies. Keep false until a canary session shows that the permissions are sufficient."
  type        = bool
  default     = true
  nullable    = false
}

variable "guard_exempt_principal_arns" {
  description = "Full ARNs of roles and users that the guard exempts if they also use the policy (break-glass, pipeline)."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.guard_exempt_principal_arns : can(regex("^arn:[a-z-]+:iam::[0-9]{12}:(role|user)/[^*?]+$", arn))])
    error_message = "Each entry of guard_exempt_principal_arns must be the full ARN of a role or user, without wildcards."
  }
}

variable "evidence_arns" {
  description = "ARNs of the log buckets, log groups, and keys whose deletion is denied. [\"*\"] denies the deletion of any."
  type        = list(string)
  default     = ["*"]
  nullable    = false

  validation {
    condition     = length(var.evidence_arns) > 0 && alltrue([for arn in var.evidence_arns : arn == "*" || can(regex("^arn:[a-z-]+:(s3:::[a-z0-9.-]{3,63}|logs:[a-z0-9-]+:[0-9]{12}:log-group:[a-zA-Z0-9_/.#-]+(:\\*)?|kms:[a-z0-9-]+:[0-9]{12}:key/[a-zA-Z0-9-]+)$", arn))])
    error_message = "Each entry of evidence_arns must be the ARN of a bucket, log group, or key, or the list must be [\"*\"]."
  }
}

variable "tags" {
  description = "Tags for the policies and the role."
  type        = map(string)
  default     = {}
  nullable    = false
}
