variable "name" {
  description = "Name of the security group of the endpoints, and prefix of their Name tags."
  type        = string
  default     = "session-manager-endpoints"
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9 ._:/()#,@=+;{}!$*-]{1,200}$", var.name)) && !startswith(var.name, "sg-")
    error_message = "name must have 1 to 200 letters, digits, spaces or . _ - : / ( ) # , @ = + ; { } ! $ * characters, and must not start with \"sg-\"."
  }
}

variable "vpc_id" {
  description = "ID of the VPC of the nodes. Private DNS requires DNS support and DNS hostnames in the VPC."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^vpc-[0-9a-f]+$", var.vpc_id))
    error_message = "vpc_id must be the ID of a VPC (vpc-…)."
  }
}

variable "subnet_ids" {
  description = "IDs of the subnets for the interface endpoints, one per Availability Zone with nodes."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.subnet_ids) > 0 && alltrue([for id in var.subnet_ids : can(regex("^subnet-[0-9a-f]+$", id))])
    error_message = "subnet_ids must have at least one entry (subnet-…), and one per Availability Zone. AWS rejects two in the same zone."
  }
}

variable "services" {
  description = "Services that get an endpoint: ssm, ssmmessages, kms, logs, ec2messages, s3. For s3, it is a gateway endpoint if route_table_ids is set."
  type        = set(string)
  default     = ["ssm", "ssmmessages"]
  nullable    = false

  validation {
    condition     = length(var.services) > 0 && length(setsubtract(var.services, ["ssm", "ssmmessages", "kms", "logs", "ec2messages", "s3"])) == 0
    error_message = "services must contain at least one of ssm, ssmmessages, kms, logs, ec2messages, and s3, and no other value."
  }
}

variable "route_table_ids" {
  description = "IDs of the route tables of the node subnets, which get a free S3 gateway endpoint. An empty list creates none."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for id in var.route_table_ids : can(regex("^rtb-[0-9a-f]+$", id))])
    error_message = "Each entry of route_table_ids must be the ID of a route table (rtb-…)."
  }
}

variable "node_security_group_ids" {
  description = "IDs of the security groups of the nodes. The endpoints allow them on port 443."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for id in var.node_security_group_ids : can(regex("^sg-[0-9a-f]+$", id))])
    error_message = "Each entry of node_security_group_ids must be the ID of a security group (sg-…)."
  }
}

variable "node_cidrs" {
  description = "Private CIDR ranges of nodes. The endpoints allow them on port 443. Prefer node_security_group_ids."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for cidr in var.node_cidrs : can(cidrhost(cidr, 0)) && try(tonumber(split("/", cidr)[1]) >= 8, false)])
    error_message = "Each entry of node_cidrs must be a CIDR range of /8 or smaller, for example 10.20.0.0/16."
  }
}

variable "shared_private_dns_accepted" {
  description = "Services among kms, logs, and s3 whose names may resolve to the endpoints for every client in the VPC."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(setsubtract(var.shared_private_dns_accepted, ["kms", "logs", "s3"])) == 0
    error_message = "shared_private_dns_accepted may only contain kms, logs, and s3. For ssm, ssmmessages and ec2messages, private DNS is always on."
  }
}

variable "without_private_dns" {
  description = "Services whose names resolve elsewhere (zones of a hub VPC, a resolver rule). Their endpoints get no private DNS."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(setsubtract(var.without_private_dns, ["ssm", "ssmmessages", "kms", "logs", "ec2messages", "s3"])) == 0
    error_message = "without_private_dns may only contain ssm, ssmmessages, kms, logs, ec2messages, and s3."
  }
}

variable "organization_id" {
  description = "ID of the organization whose principals may use the endpoints. With null, only principals of this account may."
  type        = string
  default     = null

  validation {
    condition     = var.organization_id == null || can(regex("^o-[a-z0-9]{10,32}$", var.organization_id))
    error_message = "organization_id must be the ID of an organization (o-…), or null."
  }
}

variable "recording_bucket_arns" {
  description = "ARNs of the log buckets to which the S3 endpoint allows recordings. Required for buckets in other accounts."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.recording_bucket_arns : can(regex("^arn:[a-z-]+:s3:::[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", arn))])
    error_message = "Each entry of recording_bucket_arns must be the ARN of one bucket without a path or wildcards."
  }
}

variable "readable_bucket_arns" {
  description = "ARNs of other buckets, such as package repositories, from which the S3 endpoint allows reading objects."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.readable_bucket_arns : can(regex("^arn:[a-z-]+:s3:::[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", arn))])
    error_message = "Each entry of readable_bucket_arns must be the ARN of one bucket without a path or wildcards."
  }
}

variable "tags" {
  description = "Tags for the endpoints and their security group."
  type        = map(string)
  default     = {}
  nullable    = false
}
