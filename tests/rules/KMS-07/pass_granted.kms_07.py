"""Nodes decrypt by a grant alone; operators are granted what sessions need."""

from tests.rules.builders_readers import START, grant, quiet_account, quiet_keys, role

GRANTS = [grant("role/node"), grant("role/operators", "GenerateDataKey")]

ACCOUNT = quiet_account(
    role("node", kind="node"),
    role("operators", START, kind="operator"),  # expect: KMS-07 passed key/11111111-2222-3333-4444-555555555555
    keys=quiet_keys(grants=GRANTS)[:1],
)
