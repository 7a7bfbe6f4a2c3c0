variable "bucket_name" {
  description = "Name of the bucket for recordings."
  type        = string
  default     = "session-logs-111122223333-ap-southeast-2"
}

variable "access_log_bucket" {
  description = "Existing bucket that receives the access logs of the recordings' bucket."
  type        = string
  default     = "access-logs-111122223333-ap-southeast-2"
}
