variable "name" {
  description = "Prefix of the names of the topic, its key's alias and the event rules."
  type        = string
  default     = "session-manager-alerts"
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9_-]{1,40}$", var.name))
    error_message = "Use 1 to 40 letters, digits, hyphens or underscores for name."
  }
}

variable "break_glass_role_arns" {
  description = "Roles and users of the break-glass route, which the service control policy does not bind; \"*\" for the account is allowed."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.break_glass_role_arns : can(regex("^arn:[a-z-]+:iam::([0-9]{12}|\\*):((role|user)/[^*?]+|role/aws-reserved/sso\\.amazonaws\\.com/([a-z0-9-]+/|\\*/)?AWSReservedSSO_[^*?]+_\\*)$", arn))])
    error_message = "Give each of break_glass_role_arns as a full ARN (the account may be *); a wildcard in the name only ends AWSReservedSSO_<name>_*."
  }
}

variable "pipeline_role_arns" {
  description = "Roles that apply this configuration, which the service control policy does not bind; \"*\" for the account is allowed."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.pipeline_role_arns : can(regex("^arn:[a-z-]+:iam::([0-9]{12}|\\*):((role|user)/[^*?]+|role/aws-reserved/sso\\.amazonaws\\.com/([a-z0-9-]+/|\\*/)?AWSReservedSSO_[^*?]+_\\*)$", arn))])
    error_message = "Give each of pipeline_role_arns as a full ARN (the account may be *); a wildcard in the name only ends AWSReservedSSO_<name>_*."
  }
}

variable "no_exemption_accepted" {
  description = "Whether a service control policy that binds everybody, whoever has to repair the account too, is what you want."
  type        = bool
  default     = false
  nullable    = false
}

variable "default_host_management_role" {
  description = "Name of the role (with its path, without a leading slash) for Default Host Management; null leaves the setting alone."
  type        = string
  default     = null

  validation {
    condition     = var.default_host_management_role == null || can(regex("^([a-zA-Z0-9_.-]+/)*[a-zA-Z0-9+=,.@_-]{1,64}$", var.default_host_management_role))
    error_message = "Give default_host_management_role as a role's name, with its path where it has one (service-role/…), or null."
  }
}

variable "subscriptions" {
  description = "Who gets the alerts: protocol (email, https, sqs, lambda …) and endpoint of each."
  type = list(object({
    protocol = string
    endpoint = string
  }))
  default  = []
  nullable = false

  validation {
    condition     = alltrue([for each in var.subscriptions : contains(["email", "email-json", "https", "sqs", "lambda", "sms", "firehose"], each.protocol) && each.endpoint != ""])
    error_message = "Give each subscription an endpoint and one of the protocols email, email-json, https, sqs, lambda, sms, firehose; plain http would send alerts in the clear."
  }
}

variable "alert_on_session_start" {
  description = "Whether each start of a session is told of; false where a SIEM counts them from the trail."
  type        = bool
  default     = true
  nullable    = false
}

variable "guarded_document_names" {
  description = "Session documents that the service control policy protects beside SSM-SessionManagerRunShell."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for name in var.guarded_document_names : can(regex("^[a-zA-Z0-9_.-]{3,128}$", name))])
    error_message = "Give each of guarded_document_names as the plain name of a document, without wildcards."
  }
}

variable "log_store_arns" {
  description = "Log buckets, log groups and keys that the service control policy protects from deletion and change, by ARN."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.log_store_arns : can(regex("^arn:[a-z-]+:(s3:::[a-z0-9.-]{3,63}|logs:[a-z0-9-]+:[0-9]{12}:log-group:[a-zA-Z0-9_/.#-]+(:\\*)?|kms:[a-z0-9-]+:[0-9]{12}:key/[a-zA-Z0-9-]+)$", arn))])
    error_message = "Give each of log_store_arns as the ARN of one bucket, log group or key."
  }
}

variable "tags" {
  description = "Tags for the topic, its key and the event rules."
  type        = map(string)
  default     = {}
  nullable    = false
}
