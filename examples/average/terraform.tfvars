environment           = "prod"
idle_timeout_minutes  = 30
log_retention_in_days = 365
