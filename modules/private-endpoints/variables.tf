variable "name" {
  description = "Name of the endpoints' security group, and prefix of the endpoints' Name tags."
  type        = string
  default     = "session-manager-endpoints"
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9 ._:/()#,@=+;{}!$*-]{1,200}$", var.name)) && !startswith(var.name, "sg-")
    error_message = "Use 1 to 200 letters, digits, spaces or . _ - : / ( ) # , @ = + ; { } ! $ * for name, not starting with \"sg-\"."
  }
}

variable "vpc_id" {
  description = "VPC of the nodes. Its DNS support and DNS host names must be on for private DNS."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^vpc-[0-9a-f]+$", var.vpc_id))
    error_message = "Give vpc_id as the id of a VPC (vpc-…)."
  }
}

variable "subnet_ids" {
  description = "Subnets for the interface endpoints, one in each zone that holds nodes."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.subnet_ids) > 0 && alltrue([for id in var.subnet_ids : can(regex("^subnet-[0-9a-f]+$", id))])
    error_message = "Name at least one of subnet_ids (subnet-…), one for each zone: AWS refuses two in the same zone."
  }
}

variable "services" {
  description = "Services that get an endpoint: ssm, ssmmessages, kms, logs, ec2messages, s3 (gateway where route_table_ids is given)."
  type        = set(string)
  default     = ["ssm", "ssmmessages"]
  nullable    = false

  validation {
    condition     = length(var.services) > 0 && length(setsubtract(var.services, ["ssm", "ssmmessages", "kms", "logs", "ec2messages", "s3"])) == 0
    error_message = "Name in services at least one of: ssm, ssmmessages, kms, logs, ec2messages, s3."
  }
}

variable "route_table_ids" {
  description = "Route tables of the nodes' subnets: S3 gets a gateway endpoint in them, which costs nothing; empty: none."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for id in var.route_table_ids : can(regex("^rtb-[0-9a-f]+$", id))])
    error_message = "Give each of route_table_ids as the id of a route table (rtb-…)."
  }
}

variable "node_security_group_ids" {
  description = "Security groups of the nodes, which the endpoints admit on port 443."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for id in var.node_security_group_ids : can(regex("^sg-[0-9a-f]+$", id))])
    error_message = "Give each of node_security_group_ids as the id of a security group (sg-…)."
  }
}

variable "node_cidrs" {
  description = "Private address ranges of nodes, which the endpoints admit on port 443; prefer node_security_group_ids."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for cidr in var.node_cidrs : can(cidrhost(cidr, 0)) && try(tonumber(split("/", cidr)[1]) >= 8, false)])
    error_message = "Give each of node_cidrs as a range of /8 or smaller, for example 10.20.0.0/16."
  }
}

variable "shared_private_dns_accepted" {
  description = "Services among kms, logs and s3 whose names may resolve to the endpoints for everybody in the VPC."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(setsubtract(var.shared_private_dns_accepted, ["kms", "logs", "s3"])) == 0
    error_message = "Name in shared_private_dns_accepted only: kms, logs, s3. For ssm, ssmmessages and ec2messages private DNS is on."
  }
}

variable "without_private_dns" {
  description = "Services whose names are resolved elsewhere (a hub's zones, a resolver rule): their endpoints get no private DNS."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(setsubtract(var.without_private_dns, ["ssm", "ssmmessages", "kms", "logs", "ec2messages", "s3"])) == 0
    error_message = "Name in without_private_dns only: ssm, ssmmessages, kms, logs, ec2messages, s3."
  }
}

variable "organization_id" {
  description = "Organization whose principals may use the endpoints; null: those of this account alone."
  type        = string
  default     = null

  validation {
    condition     = var.organization_id == null || can(regex("^o-[a-z0-9]{10,32}$", var.organization_id))
    error_message = "Give organization_id as the id of an organization (o-…), or null."
  }
}

variable "recording_bucket_arns" {
  description = "Log buckets that the S3 endpoint lets recordings into; needed for buckets of other accounts."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.recording_bucket_arns : can(regex("^arn:[a-z-]+:s3:::[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", arn))])
    error_message = "Give each of recording_bucket_arns as the ARN of one bucket, without a path and without wildcards."
  }
}

variable "readable_bucket_arns" {
  description = "Further buckets of other owners that the S3 endpoint lets objects be read from (package repositories, for instance)."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.readable_bucket_arns : can(regex("^arn:[a-z-]+:s3:::[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", arn))])
    error_message = "Give each of readable_bucket_arns as the ARN of one bucket, without a path and without wildcards."
  }
}

variable "tags" {
  description = "Tags for the endpoints and their security group."
  type        = map(string)
  default     = {}
  nullable    = false
}
