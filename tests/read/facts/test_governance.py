from pathlib import Path

import pytest

from ssm_hardening.core.values import Known, Record, Unknown, Why
from ssm_hardening.model import Activation, EventRule, ServiceSetting, Trail
from tests.read.facts.configurations import account_in, plain

SHARING = "/ssm/documents/console/public-sharing-permission"


def setting_in(folder: Path, identifier: str) -> ServiceSetting:
    text = f"""
    variable "name" {{}}
    data "aws_caller_identity" "me" {{}}
    resource "aws_ssm_service_setting" "s" {{
      setting_id    = {identifier}
      setting_value = "Disable"
    }}
    """
    (found,) = account_in(folder, text).settings
    return found


@pytest.mark.parametrize(
    "identifier",
    [
        f'"{SHARING}"',
        f'"arn:aws:ssm:eu-west-1:123456789012:servicesetting{SHARING}"',
        f'"arn:aws:ssm:eu-west-1:${{data.aws_caller_identity.me.account_id}}:servicesetting{SHARING}"',
    ],
)
def test_a_setting_is_known_by_its_id(identifier: str, tmp_path: Path) -> None:
    found = setting_in(tmp_path, identifier)
    assert (plain(found.name), plain(found.value)) == (SHARING, "Disable")


def test_a_setting_without_a_known_id(tmp_path: Path) -> None:
    assert isinstance(setting_in(tmp_path, "var.name").name, Unknown)


def activation_in(folder: Path, body: str) -> Activation:
    (found,) = account_in(folder, f'resource "aws_ssm_activation" "a" {{\niam_role = "hybrid"\n{body}\n}}').activations
    return found


def test_an_activation(tmp_path: Path) -> None:
    found = activation_in(tmp_path, 'registration_limit = 5\nexpiration_date = "2026-01-31T02:00:00+02:00"')
    assert plain(found.name) == "aws_ssm_activation.a.id"
    assert plain(found.role) == "hybrid"
    assert plain(found.limit) == 5
    assert plain(found.expires) == "2026-01-31T00:00:00Z"
    assert {plain(found.expired), plain(found.used)} == {Why.COMPUTED}


def test_an_activation_on_defaults(tmp_path: Path) -> None:
    found = activation_in(tmp_path, "")
    assert (plain(found.limit), plain(found.expires)) == (1, Why.COMPUTED)
    assert plain(activation_in(tmp_path, 'expiration_date = "soon"').expires) is Why.UNPARSEABLE


RULE = """
resource "aws_cloudwatch_event_rule" "r" {
  name          = "starts"
  event_pattern = jsonencode({ source = ["aws.ssm"] })
  BODY
}
resource "aws_sns_topic" "t" {}
variable "name" {}
"""
TARGET = 'resource "aws_cloudwatch_event_target" "t" {\nrule = RULE\narn = aws_sns_topic.t.arn\nMORE\n}'
OWN = "aws_cloudwatch_event_rule.r.name"


def event_rule_in(folder: Path, body: str = "", more: str = "") -> EventRule:
    (found,) = account_in(folder, RULE.replace("BODY", body) + more).event_rules
    return found


@pytest.mark.parametrize("name", [OWN, '"starts"', "aws_cloudwatch_event_rule.r.id"])
def test_an_event_rule_with_its_target(name: str, tmp_path: Path) -> None:
    found = event_rule_in(tmp_path, "", TARGET.replace("RULE", name).replace("MORE", ""))
    assert (plain(found.name), plain(found.bus), plain(found.enabled)) == ("starts", "default", True)
    assert isinstance(found.pattern, Known)
    assert isinstance(found.pattern.value, Record)
    assert plain(found.pattern.value.members["source"]) == ["aws.ssm"]
    assert str(plain(found.targets)) == str(["aws_sns_topic.t.arn"])


@pytest.mark.parametrize(
    ("body", "on"),
    [
        ('state = "DISABLED"', False),
        ('state = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"', True),
        ("is_enabled = false", False),
        ("state = var.name", Why.UNRESOLVED_INPUT),
    ],
)
def test_whether_it_is_on(body: str, on: object, tmp_path: Path) -> None:
    assert plain(event_rule_in(tmp_path, body).enabled) == on


def test_a_target_of_another_bus_is_another_rules(tmp_path: Path) -> None:
    more = TARGET.replace("RULE", '"starts"').replace("MORE", 'event_bus_name = "orders"')
    assert plain(event_rule_in(tmp_path, "", more).targets) == []


def test_a_target_that_may_be_this_rules(tmp_path: Path) -> None:
    more = TARGET.replace("RULE", "var.name").replace("MORE", "")
    assert plain(event_rule_in(tmp_path, "", more).targets) is Why.UNRESOLVED_INPUT


def trail_in(folder: Path, body: str = "") -> Trail:
    text = f'variable "name" {{}}\nresource "aws_cloudtrail" "t" {{\nname = "t"\ns3_bucket_name = "b"\n{body}\n}}'
    (found,) = account_in(folder, text).trails
    return found


def test_a_trail_on_defaults(tmp_path: Path) -> None:
    found = trail_in(tmp_path)
    assert (plain(found.name), plain(found.bucket), plain(found.kms_key)) == ("t", "b", None)
    assert (plain(found.multi_region), plain(found.organization), plain(found.validation)) == (False, False, False)
    assert (plain(found.logging), plain(found.management_events), plain(found.ssm_excluded)) == (True, "All", False)


def test_a_trail_that_says_everything(tmp_path: Path) -> None:
    found = trail_in(
        tmp_path,
        """
        is_multi_region_trail         = true
        is_organization_trail         = true
        enable_log_file_validation    = true
        enable_logging                = false
        kms_key_id                    = "arn:aws:kms:eu-west-1:1:key/k"
        """,
    )
    assert (plain(found.multi_region), plain(found.organization), plain(found.validation)) == (True, True, True)
    assert (plain(found.logging), plain(found.kms_key)) == (False, "arn:aws:kms:eu-west-1:1:key/k")


def basic(body: str) -> str:
    return f"event_selector {{\n{body}\n}}\n"


def advanced(*fields: str) -> str:
    return "advanced_event_selector {\n" + "".join(f"field_selector {{\n{field}\n}}\n" for field in fields) + "}\n"


MANAGEMENT = 'field = "eventCategory"\nequals = ["Management"]'
DATA = 'field = "eventCategory"\nequals = ["Data"]'
SELECTED = {
    "basic": (basic(""), "All", False),
    "reads": (basic('read_write_type = "ReadOnly"'), "ReadOnly", False),
    "both halves": (basic('read_write_type = "ReadOnly"') + basic('read_write_type = "WriteOnly"'), "All", False),
    "none": (basic("include_management_events = false"), "None", False),
    "data beside": (
        basic("include_management_events = false") + basic('read_write_type = "WriteOnly"'),
        "WriteOnly",
        False,
    ),
    "left out": (basic('exclude_management_event_sources = ["ssm.amazonaws.com"]'), "All", True),
    "keys left out": (basic('exclude_management_event_sources = ["kms.amazonaws.com"]'), "All", False),
    "advanced": (advanced(MANAGEMENT), "All", False),
    "advanced data": (advanced(DATA), "None", False),
    "advanced writes": (advanced(MANAGEMENT, 'field = "readOnly"\nequals = ["false"]'), "WriteOnly", False),
    "advanced left out": (
        advanced(MANAGEMENT, 'field = "eventSource"\nnot_equals = ["ssm.amazonaws.com", "kms.amazonaws.com"]'),
        "All",
        True,
    ),
    "advanced only keys": (advanced(MANAGEMENT, 'field = "eventSource"\nequals = ["kms.amazonaws.com"]'), "All", True),
}


@pytest.mark.parametrize("case", SELECTED)
def test_what_selectors_take_together(case: str, tmp_path: Path) -> None:
    body, events, excluded = SELECTED[case]
    found = trail_in(tmp_path, body)
    assert (plain(found.management_events), plain(found.ssm_excluded)) == (events, excluded)


@pytest.mark.parametrize(
    "body",
    [
        basic("read_write_type = var.name"),
        advanced('field = "eventCategory"\nequals = [var.name]'),
        advanced(MANAGEMENT, 'field = "eventName"\nequals = ["StartSession"]'),
        advanced('field = "resources.type"\nequals = ["AWS::S3::Object"]'),
        'dynamic "event_selector" {\nfor_each = var.name\ncontent {}\n}',
    ],
)
def test_selectors_that_cannot_be_told(body: str, tmp_path: Path) -> None:
    assert isinstance(trail_in(tmp_path, body).management_events, Unknown)
