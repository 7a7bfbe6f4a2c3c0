resource "aws_ssm_document" "tail" {
  name            = "tail-one-log"
  document_type   = "Session"
  document_format = "YAML"
  permissions     = { type = "Share", account_ids = "210987654321,109876543210" }

  content = <<-YAML
    schemaVersion: "1.0"
    sessionType: InteractiveCommands
    parameters:
      log:
        type: String
        default: messages
        allowedValues: [messages, secure]
    properties:
      linux:
        commands: tail -f /var/log/{{ log }}
        runAsElevated: false
  YAML
}

resource "aws_ssm_document" "database" {
  name          = "database-tunnel"
  document_type = "Session"

  content = jsonencode({
    schemaVersion = "1.0"
    sessionType   = "Port"
    properties    = { portNumber = "5432", type = "LocalPortForwarding" }
  })
}

module "network" {
  source = "./network"
  region = local.region
}
