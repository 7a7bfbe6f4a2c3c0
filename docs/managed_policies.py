"""Refreshes the AWS-managed policies that ship with the tool, those that its file names already: run it by hand.

They are what moto carries, which takes them from IAM itself; the date of each says how old it is.
"""

import json
from pathlib import Path

TO = Path(__file__).resolve().parent.parent / "ssm_hardening" / "iam" / "data" / "aws_managed_policies.json"


def refreshed(names: list[str]) -> str:
    """Return the text of the file for these policies (`policy/service-role/Name`); KeyError for one not known."""
    from moto.iam.aws_managed_policies import aws_managed_policies_data

    known = json.loads(aws_managed_policies_data)
    lines = []
    for name in sorted(names):
        told = known[name.rpartition("/")[2]]
        kept = {"version": told["DefaultVersionId"], "updated": told["UpdateDate"][:10], "document": told["Document"]}
        lines.append(f"{json.dumps(name)}: {json.dumps(kept, separators=(',', ':'))}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


if __name__ == "__main__":
    TO.write_text(refreshed(list(json.loads(TO.read_text(encoding="utf-8")))), encoding="utf-8")
