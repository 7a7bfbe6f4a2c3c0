variable "name" {
  description = "Prefix for the names of the topic, the key alias, and the event rules."
  type        = string
  default     = "session-manager-alerts"
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9_-]{1,40}$", var.name))
    error_message = "name must have 1 to 40 letters, digits, hyphens, or underscores."
  }
}

variable "break_glass_role_arns" {
  description = "ARNs of the break-glass roles and users that the service control policy exempts. The account ID may be \"*\"."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.break_glass_role_arns : can(regex("^arn:[a-z-]+:iam::([0-9]{12}|\\*):((role|user)/[^*?]+|role/aws-reserved/sso\\.amazonaws\\.com/([a-z0-9-]+/|\\*/)?AWSReservedSSO_[^*?]+_\\*)$", arn))])
    error_message = "Each entry of break_glass_role_arns must be a full ARN (the account ID may be *). A wildcard in the name is only valid at the end of AWSReservedSSO_<name>_*."
  }
}

variable "pipeline_role_arns" {
  description = "ARNs of the roles that apply this configuration and that the service control policy exempts. The account ID may be \"*\"."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.pipeline_role_arns : can(regex("^arn:[a-z-]+:iam::([0-9]{12}|\\*):((role|user)/[^*?]+|role/aws-reserved/sso\\.amazonaws\\.com/([a-z0-9-]+/|\\*/)?AWSReservedSSO_[^*?]+_\\*)$", arn))])
    error_message = "Each entry of pipeline_role_arns must be a full ARN (the account ID may be *). A wildcard in the name is only valid at the end of AWSReservedSSO_<name>_*."
  }
}

variable "no_exemption_accepted" {
  description = "Whether the service control policy may exempt nobody, not even the roles that repair the account."
  type        = bool
  default     = false
  nullable    = false
}

variable "default_host_management_role" {
  description = "Name of the Default Host Management role, with its path but without a leading slash. Set to null to leave the setting unchanged."
  type        = string
  default     = null

  validation {
    condition     = var.default_host_management_role == null || can(regex("^([a-zA-Z0-9_.-]+/)*[a-zA-Z0-9+=,.@_-]{1,64}$", var.default_host_management_role))
    error_message = "default_host_management_role must be the name of a role, with its path if it has one (service-role/…), or null."
  }
}

variable "subscriptions" {
  description = "Subscriptions to the alerts: the protocol (email, https, sqs, lambda, …) and endpoint of each."
  type = list(object({
    protocol = string
    endpoint = string
  }))
  default  = []
  nullable = false

  validation {
    condition     = alltrue([for each in var.subscriptions : contains(["email", "email-json", "https", "sqs", "lambda", "sms", "firehose"], each.protocol) && each.endpoint != ""])
    error_message = "Each subscription must have an endpoint and one of the protocols email, email-json, https, sqs, lambda, sms, or firehose. Plain http would send alerts unencrypted."
  }
}

variable "alert_on_session_start" {
  description = "Whether to send an alert for each session start. Set to false if a SIEM already processes the trail."
  type        = bool
  default     = true
  nullable    = false
}

variable "guarded_document_names" {
  description = "Names of session documents that the service control policy protects in addition to SSM-SessionManagerRunShell."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for name in var.guarded_document_names : can(regex("^[a-zA-Z0-9_.-]{3,128}$", name))])
    error_message = "Each entry of guarded_document_names must be a document name without wildcards."
  }
}

variable "log_store_arns" {
  description = "ARNs of the log buckets, log groups, and keys that the service control policy protects from deletion and change."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.log_store_arns : can(regex("^arn:[a-z-]+:(s3:::[a-z0-9.-]{3,63}|logs:[a-z0-9-]+:[0-9]{12}:log-group:[a-zA-Z0-9_/.#-]+(:\\*)?|kms:[a-z0-9-]+:[0-9]{12}:key/[a-zA-Z0-9-]+)$", arn))])
    error_message = "Each entry of log_store_arns must be the ARN of one bucket, log group, or key."
  }
}

variable "tags" {
  description = "Tags for the topic, its key, and the event rules."
  type        = map(string)
  default     = {}
  nullable    = false
}
