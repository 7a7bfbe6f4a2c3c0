"""Secrets in other people's texts: a report says where one stands and of which kind, and never shows it."""

import json
import re
from pathlib import Path

import pytest

from ssm_hardening.core.redaction import holds_secret, without_secrets
from ssm_hardening.core.secret_kinds import KINDS, MASK
from tests.cli.conftest import Here
from tests.cli.running import write

CANARY = "correct-horse-battery-staple"
ISSUED = "ghp_" + "c0ffee" * 6
KEY = "AKIA" + "IOSFODNN7EXAMPLE"
PEM = f"-----BEGIN RSA PRIVATE KEY-----\n{'c0ffee' * 5}\n-----END RSA PRIVATE KEY-----"

LINES: dict[str, tuple[str, str]] = {
    "assigned": (f"export DATABASE_PASSWORD={CANARY}", "contains a secret"),
    "quoted": (f"export API_KEY='{CANARY}'", "contains a secret"),
    "option": (f"vault login --token {CANARY}", "contains a secret"),
    "member": (f'echo {{"clientSecret": "{CANARY}"}}', "contains a secret"),
    "header": (f'curl -H "Authorization: Bearer {CANARY}" https://example.com', "contains a secret"),
    "address": (f"export https_proxy=http://proxy:{CANARY}@10.0.0.1:3128", "contains a password in an address"),
    "access key": (f"aws configure set aws_access_key_id {KEY}", "contains an access key"),
    "private key": (PEM, "contains a private key"),
    "token": (f"git clone https://{ISSUED}@example.com/a.git", "contains an access token"),
}
NEEDLES = (CANARY, ISSUED, KEY, "c0ffee")


def profile(line: str) -> str:
    """Return a document whose gaps are closed by edits around the profile."""
    return f"""\
resource "aws_ssm_document" "preferences" {{
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"
  content = jsonencode({{
    schemaVersion = "1.0"
    sessionType   = "Standard_Stream"
    inputs = {{
      shellProfile        = {{ linux = {json.dumps(line)} }}
      s3BucketName        = "records-of-sessions"
      s3EncryptionEnabled = false
    }}
  }})
}}
"""


def shown(here: Here, *more: str) -> dict[tuple[str, ...], str]:
    """Return what each command shows, having seen that none of it is a secret."""
    commands = (
        ("plan",),
        ("plan", "--full"),
        ("plan", "--format", "json"),
        ("inspect",),
        ("inspect", "--format", "json"),
        ("check",),
    )
    found: dict[tuple[str, ...], str] = {}
    for command in (*commands, ("access",), ("access", "--format", "json")):
        ran = here(*command, *more)
        found[command] = ran.out + ran.err
        assert not [each for each in NEEDLES if each in found[command]], command
    return found


@pytest.mark.parametrize("kind", LINES)
def test_in_a_shell_profile(kind: str, tmp_path: Path, here: Here) -> None:
    line, told = LINES[kind]
    write(tmp_path, {"main.tf": profile(line)})
    found = shown(here)
    assert f"line 1 of the Linux profile {told}" in found["check",]
    (tmp_path / "recorded.json").write_text(here("inspect", "--format", "json").out)
    recorded = json.loads(here("plan", "--snapshot", "recorded.json", "--format", "json").out)
    verdicts = [each["message"] for each in recorded["verdicts"] if each["rule"] == "PREF-12"]
    assert verdicts == [f"line 1 of the Linux profile {told}"]


@pytest.mark.parametrize("kind", LINES)
def test_no_file_carries_it_on(kind: str, tmp_path: Path, here: Here) -> None:
    write(tmp_path / "code", {"main.tf": profile(LINES[kind][0])})
    here("generate", "code", "--out", "made", "--terraform", "/nowhere", "--checkov", "/nowhere")
    texts = {path.name: path.read_text() for path in (tmp_path / "made").rglob("*") if path.is_file()}
    assert "README.md" in texts
    assert not [name for name, text in texts.items() if any(each in text for each in NEEDLES)]


def test_a_diff_shows_fewer_lines_rather_than_a_secret(tmp_path: Path, here: Here) -> None:
    line = next(each for each in profile(LINES["assigned"][0]).splitlines(keepends=True) if "shellProfile" in each)
    nested = line.replace("{ linux", "{\n        linux").replace(" }\n", "\n      }\n\n")
    write(tmp_path, {"main.tf": profile(LINES["assigned"][0]).replace(line, nested)})
    diff = next(
        edit["diff"]
        for stage in json.loads(here("plan", "--format", "json").out)["remediation"]["stages"]
        for edit in stage["edits"]
        if edit["file"] == "main.tf"
    )
    assert "s3EncryptionEnabled" in diff
    assert "linux" not in diff


def test_a_line_that_holds_one_is_left_to_a_person(tmp_path: Path, here: Here) -> None:
    inputs = {"s3BucketName": "records", "s3EncryptionEnabled": False, "shellProfile": {"linux": f"TOKEN={CANARY}"}}
    text = json.dumps({"schemaVersion": "1.0", "sessionType": "Standard_Stream", "inputs": inputs})
    document = re.sub(r"jsonencode\(.*\)\n}", lambda _: f"<<-EOT\n{text}\nEOT\n}}", profile("x"), flags=re.DOTALL)
    write(tmp_path, {"main.tf": document})
    shown(here)
    stages = json.loads(here("plan", "--format", "json").out)["remediation"]["stages"]
    assert not [edit for stage in stages for edit in stage["edits"] if "main.tf" in edit["file"]]
    steps = [step for stage in stages for step in stage["manual"]]
    assert any("contains a secret" in step["why"] and "PREF-05" in step["closes"] for step in steps)


def test_in_commands_parameters_and_addresses_of_modules(tmp_path: Path, here: Here) -> None:
    content = {"schemaVersion": "1.0", "sessionType": "InteractiveCommands", "parameters": {
        "password": {"type": "String", "default": CANARY}}, "properties": {"linux": {
            "commands": f"mysql --password={CANARY}", "runAsElevated": True}}}  # fmt: skip
    code = f"""\
resource "aws_ssm_document" "shell" {{
  name          = "mysql"
  document_type = "Session"
  content       = jsonencode({json.dumps(content)})
}}
module "session_manager" {{
  source = "git::https://oauth2:{CANARY}@example.com/session-manager.git"
}}
module "other" {{
  source = "git::https://{ISSUED}@example.com/session-manager.git"
}}
"""
    write(tmp_path, {"main.tf": code})
    assert f"oauth2:{MASK}@example.com" in shown(here)["inspect",]


def test_in_evidence(tmp_path: Path, here: Here) -> None:
    evidence = json.loads((Path(__file__).parents[1] / "hosts/evidence/linux-hardened.json").read_text())
    assert isinstance(evidence["agent"], dict)
    config = {"Profile": {"ShareProfile": f"http://proxy:{CANARY}@10.0.0.1"}, "Agent": {"ProxyPassword": CANARY}}
    (tmp_path / "e.json").write_text(json.dumps(evidence | {"agent": evidence["agent"] | {"config": config}}))
    for command in (("host", "read"), ("inspect", "--format", "json", "--evidence"), ("inspect", "--evidence")):
        ran = here(*command, "e.json")
        assert CANARY not in ran.out + ran.err


def test_in_what_is_refused(tmp_path: Path, here: Here) -> None:
    write(
        tmp_path,
        {
            "main.tf": 'variable "x" {\n  type = list(string)\n}\n' + profile("ls"),
            "x.tfvars": f"x = {CANARY} 1",
            "y.tfvars": f"x = 1 {CANARY}",
        },
    )
    for arguments in (
        ("--var", f'x=["{CANARY}" 1'),
        ("--var-file", "x.tfvars"),
        ("--var-file", "y.tfvars"),
        ("--var", CANARY),
    ):
        ran = here("plan", *arguments)
        assert ran.code == 2
        assert CANARY not in ran.out + ran.err


@pytest.mark.parametrize(
    "harmless",
    [
        "PASSWORD_FILE=/run/secrets/db",
        "TOKEN=$(cat /run/token)",
        "http_tokens = required",
        "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db",
        "https://example.com:8443/a@b",
        "password: ask the owner",
        "PASS_COUNT=three",
        "npm_config_registry_of_ours pypi-mirror-of-our-company",
        "export DB_PASS=",
        "DB_PASS='' DB_PWD=\"\"",
        "tool --password=",
        "COMPASS=north BYPASS=always",
        "PWD=work OLDPWD=work cd $PWD",
        "KEY_ID=abcdef AUTHOR=somebody",
        "AUTH=basic",
        "tool --password-stdin --token-file name",
        "net user joe /active:yes",
        "mysql -p -u root",
        "docker run -p 8080:80 nginx",
        "ssh -p 2222 host",
        "echo hello | sudo tee file",
    ],
)
def test_what_is_none_stays(harmless: str) -> None:
    assert without_secrets(harmless) == harmless


SPELLINGS = """export DB_PASS={0}
export db_pwd='{0}'
MYSQL_PWD={0} mysql
export SECRET_KEY_BASE={0}
$DbPass = "{0}"
$env:DB_PASS = '{0}'
PGPASSWORD={0}
setx DB_PASS {0}
[Environment]::SetEnvironmentVariable('DB_PASS', '{0}')
Server=h;User Id=u;Pwd={0};
Pwd={0};Server=h
AccountName=a;AccountKey={0}==
Endpoint=sb://a/;SharedAccessKey={0}
https://a.blob.core.windows.net/b?sv=1&sig={0}
curl --user joe:{0} https://example.com
curl -u joe:{0} https://example.com
curl -sujoe:{0} https://example.com
curl -H 'X-Api-Key: {0}' https://example.com
curl --header "Private-Token: {0}" https://example.com
wget --http-password {0} https://example.com
tool --password={0}
tool -Password '{0}'
mysql -u root -p{0}
sshpass -p {0} ssh host
docker login -u u -p {0} registry
az login --service-principal -u a -p {0} --tenant t
echo {0} | sudo -S ls
echo '{0}' | passwd --stdin joe
echo "joe:{0}" | sudo chpasswd
redis-cli -h host -a {0}
openssl enc -k {0}
openssl enc -pass pass:{0}
ldapsearch -D cn=a -w {0}
smbclient -U joe%{0} //h/s
machine h login l password {0}
net use X: /user:joe {0}
net user joe {0}
ConvertTo-SecureString '{0}' -AsPlainText -Force
CREATE USER joe IDENTIFIED BY '{0}'""".splitlines()

TOKENS = [
    "hvs." + "c0ffee" * 4, "s." + "c0ffee" * 4, "npm_" + "c0ffee" * 6, "pypi-" + "c0ffee" * 4,
    "dckr_pat_" + "c0ffee" * 4, "xoxb-" + "c0ffee" * 4, "ghs_" + "c0ffee" * 6, "github_pat_" + "c0ffee" * 4,
    "glpat-" + "c0ffee" * 4,
    "AIza" + "c0ffee" * 6, "SG." + "c0ffee" * 3 + "." + "c0ffee" * 4, "sk_live_" + "c0ffee" * 4,
    "eyJhbGciOiJIUzI1NiJ9.eyJc0ffee" + "a" * 9 + ".c0ffee",
]  # fmt: skip


@pytest.mark.parametrize("line", [*SPELLINGS, *(f"call {token}" for token in TOKENS)])
def test_each_spelling(line: str) -> None:
    text = line.format(CANARY)
    masked = without_secrets(text)
    assert not [each for each in NEEDLES if each in masked]
    quoted = json.dumps(f"date\n{text}\n")
    assert not [each for each in NEEDLES if each in without_secrets(quoted)]
    assert holds_secret(masked), "an audit of what was recorded says the same"
    assert without_secrets(masked) == masked
    assert all(
        each not in without_secrets(f"curl -u a:{CANARY} -u b:{CANARY} --token {CANARY} {text}\n{text}")
        for each in NEEDLES
    )


@pytest.mark.parametrize("line", SPELLINGS)
@pytest.mark.parametrize("given", ["$DB_PASS", "${var}", "$(aws secretsmanager get)"])
def test_what_is_read_from_elsewhere_is_none(line: str, given: str) -> None:
    assert not holds_secret(line.format(given)), line


def test_time_is_linear_in_the_text() -> None:
    """What may go on without end stands within the secret alone, and no group is repeated without end."""
    for kind in KINDS:
        plain = re.sub(r"\\.", "x", kind.pattern)
        plain = re.sub(r"\[[^\]]*\]", "x", plain)
        before = plain[: plain.index("(?P<secret>")]
        assert not re.search(r"[*+]|\{\d+,\}", before), kind.pattern
        assert not re.search(r"\)(?:[*+]|\{\d+,\})", plain), kind.pattern


@pytest.mark.parametrize("piece", ["pass", "curl ", "echo-", "a.", "eyJ-", "--password ", "docker login ", "x://:"])
def test_a_long_hostile_text_ends(piece: str) -> None:
    assert not without_secrets(piece * (400_000 // len(piece))).count("\n")
