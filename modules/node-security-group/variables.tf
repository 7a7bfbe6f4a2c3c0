variable "name" {
  description = "Name of the security group."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9 ._:/()#,@=+;{}!$*-]{1,255}$", var.name)) && !startswith(var.name, "sg-")
    error_message = "Use 1 to 255 letters, digits, spaces or . _ - : / ( ) # , @ = + ; { } ! $ * for name, not starting with \"sg-\"."
  }
}

variable "vpc_id" {
  description = "VPC of the nodes."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^vpc-[0-9a-f]+$", var.vpc_id))
    error_message = "Give vpc_id as the id of a VPC (vpc-…)."
  }
}

variable "endpoint_security_group_ids" {
  description = "Security groups of the interface endpoints that nodes reach on port 443."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for id in var.endpoint_security_group_ids : can(regex("^sg-[0-9a-f]+$", id))])
    error_message = "Give each of endpoint_security_group_ids as the id of a security group (sg-…)."
  }
}

variable "prefix_list_ids" {
  description = "Prefix lists that nodes reach on port 443: that of the S3 gateway endpoint, for instance."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for id in var.prefix_list_ids : can(regex("^pl-[0-9a-f]+$", id))])
    error_message = "Give each of prefix_list_ids as the id of a prefix list (pl-…)."
  }
}

variable "https_to_internet" {
  description = "Whether nodes reach every address on port 443: needed where they use AWS's public endpoints."
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
