variable "environment" {
  description = "Name of the environment, part of most names."
  type        = string
}

variable "region" {
  description = "Region of the environment."
  type        = string
  default     = "ap-southeast-2"
}

variable "key_prefix" {
  description = "Prefix of the session logs in the bucket."
  type        = string
  default     = "sessions"
}

variable "idle_timeout_minutes" {
  description = "Minutes without input after which a session ends."
  type        = number
  default     = 20
}

variable "log_retention_in_days" {
  description = "Days that CloudWatch keeps session logs."
  type        = number
  default     = 90
}
