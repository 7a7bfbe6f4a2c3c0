variable "name" {
  description = "Name of the security group."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9 ._:/()#,@=+;{}!$*-]{1,255}$", var.name)) && !startswith(var.name, "sg-")
    error_message = "name must have 1 to 255 letters, digits, spaces or . _ - : / ( ) # , @ = + ; { } ! $ * characters, and must not start with \"sg-\"."
  }
}

variable "vpc_id" {
  description = "ID of the VPC of the nodes."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^vpc-[0-9a-f]+$", var.vpc_id))
    error_message = "vpc_id must be the ID of a VPC (vpc-…)."
  }
}

variable "endpoint_security_group_ids" {
  description = "IDs of the security groups of the interface endpoints that nodes reach on port 443."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for id in var.endpoint_security_group_ids : can(regex("^sg-[0-9a-f]+$", id))])
    error_message = "Each entry of endpoint_security_group_ids must be the ID of a security group (sg-…)."
  }
}

variable "prefix_list_ids" {
  description = "IDs of the prefix lists that nodes reach on port 443, for example that of the S3 gateway endpoint."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for id in var.prefix_list_ids : can(regex("^pl-[0-9a-f]+$", id))])
    error_message = "Each entry of prefix_list_ids must be the ID of a prefix list (pl-…)."
  }
}

variable "https_to_internet" {
  description = "Whether nodes may reach every address on port 443. Required if they use the public AWS endpoints, and without endpoint security groups."
  type        = bool
  default     = false
  nullable    = false
}

variable "tags" {
  description = "Tags for the security group and its rules."
  type        = map(string)
  default     = {}
  nullable    = false
}
