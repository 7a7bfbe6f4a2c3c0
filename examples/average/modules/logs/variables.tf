variable "bucket_name" {
  description = "Name of the bucket for session logs."
  type        = string
}

variable "log_group_name" {
  description = "Name of the log group for session logs."
  type        = string
}

variable "retention_in_days" {
  description = "Days that the log group keeps its events."
  type        = number
}
