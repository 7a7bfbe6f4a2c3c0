"""From documents to hosts: every value as it is, or not known, for that value alone."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from ssm_hardening.core.errors import UsageError
from ssm_hardening.core.origins import ApiOrigin
from ssm_hardening.core.values import Absent, Inventory, Items, Known, Record, Unknown, Why
from tests.hosts.documents import COLLECTED, Step, collected, document, read, replaced, without

NODE = "i-0a1b2c3d4e5f60718"
SSM_USER = ("identities", "items", 0)


def at(what: str = "") -> ApiOrigin:
    return ApiOrigin(f"{NODE} {what}".rstrip(), "evidence web.json")


def plain(value: object) -> Any:
    """Return what a value holds, without where it was read; an ignorance as its reason."""
    match value:
        case Known(Items(items, rest)):
            return [plain(each) for each in items] + ([] if rest is None else [plain(rest)])
        case Known(Record(members)):
            return {key: plain(each) for key, each in members.items()}
        case Known(found):
            return found
        case Absent():
            return None
        case Unknown(why):
            return why
        case Inventory(items, gap):
            return list(items) + ([] if gap is None else [gap.why])
        case _:
            return value


def test_the_inside_of_a_node_as_it_comes() -> None:
    host = read(document()).host
    assert host.address == f"{NODE} (inside)"
    assert host.origin == at()
    assert host.name == Known(NODE, at())
    assert host.label == Known("ip-10-0-1-17", at())
    assert host.platform == Known("Linux", at())
    assert plain(host.agent_version) == "3.2.2303.0"
    assert plain(host.elevated) is plain(host.autostart) is True
    assert plain(host.domain) is plain(host.administrators) is plain(host.administrators_name) is None
    assert plain(host.powershell) is plain(host.transcription) is None
    assert (plain(host.script), plain(host.screen)) == ("/usr/bin/script", None)
    assert (plain(host.session_logs), plain(host.session_logs_days)) == (3, 12)


def test_a_user_and_the_rules_that_reach_it() -> None:
    (user,) = read(document()).host.identities.items
    assert (plain(user.name), plain(user.exists), plain(user.uid), plain(user.gid)) == ("ssm-user", True, 1001, 1001)
    assert plain(user.groups) == ["ssm-user"]
    assert user.sudo == Inventory(("(ALL) NOPASSWD: ALL",))
    assert user.at == at("user ssm-user")


def test_the_files_that_sudo_reads() -> None:
    files = read(document()).host.sudo_files
    assert files.gap is None
    assert [plain(file.grants) for file in files] == [[], [], ["ssm-user ALL=(ALL) NOPASSWD:ALL"]]
    assert files.items[2].at == at("/etc/sudoers.d/ssm-agent-users")
    assert {plain(file.owner) for file in files} == {0}


@pytest.mark.parametrize(
    ("owner", "expected"), [("0", 0), (0, 0), ("4294967295", 4294967295), ("root", None), (-1, None)]
)
def test_the_owner_of_a_file_is_a_number_of_a_user(owner: object, expected: int | None) -> None:
    found = read(replaced(document(), ("sudo_files", "items", 0, "owner"), owner)).host.sudo_files.items[0].owner
    assert plain(found) == (Why.UNPARSEABLE if expected is None else expected)


def test_the_configuration_of_the_agent() -> None:
    host = read(document()).host
    assert plain(host.config)["Ssm"]["SessionLogsDestination"] == "disk"
    assert plain(host.config)["Mgs"]["DeniedPortForwardingRemoteIPs"] == ["169.254.169.254"]
    assert plain(host.config_path) == "/etc/amazon/ssm/amazon-ssm-agent.json"
    assert (plain(host.config_owner), plain(host.config_mode)) == ("0", "0644")
    assert host.config.at == at("/etc/amazon/ssm/amazon-ssm-agent.json")


def test_no_agent_has_no_version_and_no_configuration() -> None:
    host = read(document() | {"agent": None}).host
    assert plain(host.agent_version) is plain(host.service) is plain(host.config) is plain(host.config_path) is None


def test_no_file_of_the_agent_is_known_not_to_be_there() -> None:
    assert plain(read(replaced(document(), ("agent", "config"), None)).host.config) is None


CONTENT = ("agent", "config", "content")


def config(content: object) -> Any:
    return plain(read(replaced(document(), CONTENT, content)).host.config)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "null",
        '"x"',
        "\ufeff{}",
        '{"Ssm": {}, "Ssm": {}}',
        '{"Ssm": {}, "ssm": {}}',
        '{"Ssm": {"Endpoint": "a", "endpoint": "b"}}',
        '{"Ssm": {"Endpoint": NaN}}',
        "[" * 5000,
        "{" + " " * 70_000 + "}",
        None,
        1,
        {"unknown": "it may not be read"},
    ],
)
def test_a_configuration_that_cannot_be_told_is_not_known(content: object) -> None:
    assert isinstance(config(content), Why)


def test_settings_are_read_in_any_case_as_the_agent_does() -> None:
    assert config('{"ssm": {"SESSIONLOGSDESTINATION": "disk"}}') == {"Ssm": {"SessionLogsDestination": "disk"}}


def test_what_the_agent_does_not_know_is_dropped() -> None:
    content = {"Secret": {"Token": "s3cr3t"}, "Ssm": {"Password": "s3cr3t", "Endpoint": ""}, "Note": "s3cr3t"}
    assert config(json.dumps(content)) == {"Ssm": {"Endpoint": ""}}


def test_of_identities_of_ones_own_only_their_number_is_kept() -> None:
    content = {"Identity": {"CustomIdentities": [{"CredentialsProvider": "s3cr3t"}], "ConsumptionOrder": ["EC2"]}}
    assert config(json.dumps(content)) == {"Identity": {"CustomIdentities": [{}], "ConsumptionOrder": ["EC2"]}}


def test_a_setting_of_a_wrong_type_is_not_known_alone() -> None:
    found = config('{"Ssm": [], "Mgs": {"Endpoint": {"a": 1}, "Region": "x"}, "Kms": null, "S3": {"Endpoint": 1.5}}')
    wrong = Why.UNPARSEABLE
    assert found == {"Ssm": wrong, "Mgs": {"Endpoint": wrong, "Region": "x"}, "Kms": None, "S3": {"Endpoint": wrong}}


def test_a_list_in_the_configuration_that_is_too_long_is_not_whole() -> None:
    found = config(json.dumps({"Mgs": {"DeniedPortForwardingRemoteIPs": ["10.0.0.1"] * 200}}))
    assert found["Mgs"]["DeniedPortForwardingRemoteIPs"][-1] is Why.UNPARSEABLE


def test_what_the_probe_could_not_tell_is_not_known_and_says_why() -> None:
    host = read(replaced(document(), ("agent", "version"), {"unknown": "rpm took too long"})).host
    assert host.agent_version == Unknown(
        Why.UNAVAILABLE, at(), "the probe could not determine agent.version: rpm took too long"
    )


@pytest.mark.parametrize("field", ["identities", "sudo_files", "connections", "names"])
@pytest.mark.parametrize("value", [None, {"unknown": "no rights"}, [], "x", {}, {"items": {}}, {"items": None}, 3])
def test_a_list_that_is_none_is_a_gap(field: str, value: object) -> None:
    found: Inventory[Any] = getattr(read(document() | {field: value}).host, field)
    assert found.items == ()
    assert found.gap is not None


@pytest.mark.parametrize("entry", [None, 1, "x", [], {"unknown": "it went away"}])
def test_an_entry_that_is_no_object_is_a_gap(entry: object) -> None:
    data = document()
    data["identities"]["items"].append(entry)
    found = read(data).host.identities
    assert len(found) == 1
    assert found.gap is not None


@pytest.mark.parametrize("more", ["16 of 40 are listed", "", 1, {}, {"unknown": "x"}])
def test_a_list_that_says_there_may_be_more_has_a_gap(more: object) -> None:
    assert read(replaced(document(), ("connections", "more"), more)).host.connections.gap is not None


def test_a_list_too_long_is_cut_with_a_gap() -> None:
    data = document()
    data["connections"]["items"] *= 1000
    found = read(data).host.connections
    assert len(found) == 500
    assert found.gap is not None
    assert "2,000 entries, of which only 500 were read" in found.gap.detail


@pytest.mark.parametrize("finished", [False, None, 1, "true", {}])
def test_no_list_of_a_probe_that_did_not_finish_is_whole(finished: object) -> None:
    host = read(replaced(document(), ("probe", "finished"), finished)).host
    for found in (host.identities, host.sudo_files, host.connections, host.names, host.identities.items[0].sudo):
        assert found.gap is not None
    assert plain(host.identities.items[0].groups)[-1] is Why.UNAVAILABLE
    assert plain(host.agent_version) == "3.2.2303.0"


WRONG: list[tuple[tuple[Step, ...], object]] = [
    (("uid",), -1),
    (("uid",), 1 << 32),
    (("uid",), 10**400),
    (("uid",), "0"),
    (("uid",), 1001.0),
    (("uid",), True),
    (("uid",), None),
    (("gid",), -1),
    (("gid",), None),
    (("exists",), 1),
    (("exists",), None),
    (("exists",), "true"),
    (("name",), ""),
    (("name",), 7),
    (("name",), None),
    (("name",), "x" * 5000),
    (("groups",), ["root"]),
    (("groups",), None),
]


@pytest.mark.parametrize(("path", "value"), WRONG, ids=lambda value: str(value)[:20])
def test_a_member_of_a_wrong_type_is_not_known_alone(path: tuple[Step, ...], value: object) -> None:
    good, (user,) = read(document()).host, read(replaced(document(), (*SSM_USER, *path), value)).host.identities.items
    assert plain(getattr(user, str(path[0]))) is Why.UNPARSEABLE
    assert user.sudo.items == good.identities.items[0].sudo.items


def test_a_user_who_is_not_there_has_no_number() -> None:
    user = {
        "name": "app",
        "exists": False,
        "uid": None,
        "gid": None,
        "groups": None,
        "sudo": {"items": [], "more": None},
    }
    (found,) = read(document() | {"identities": {"items": [user], "more": None}}).host.identities.items
    assert plain(found.uid) is plain(found.gid) is plain(found.groups) is None


@pytest.mark.parametrize(
    ("peer", "shown", "private"),
    [
        ("10.1.2.3", "10.1.2.3", True),
        ("172.16.0.1", "172.16.0.1", True),
        ("172.32.0.1", "172.32.0.1", False),
        ("192.168.1.1", "192.168.1.1", True),
        ("100.64.0.1", "100.64.0.1", True),
        ("169.254.169.254", "169.254.169.254", True),
        ("127.0.0.1", "127.0.0.1", True),
        ("::1", "::1", True),
        ("fd00:ec2::254", "fd00:ec2::254", True),
        ("fe80::1%eth0", "fe80::1%eth0", True),
        ("::ffff:10.0.0.1", "10.0.0.1", True),
        ("::ffff:52.94.236.248", "52.94.236.248", False),
        ("[2600:1f18::1]", "2600:1f18::1", False),
        ("2600:1f18:0000:0000:0000:0000:0000:0001", "2600:1f18::1", False),
        ("203.0.113.7", "203.0.113.7", False),
        ("52.94.236.248", "52.94.236.248", False),
    ],
)
def test_which_peers_are_private(peer: str, shown: str, *, private: bool) -> None:
    first = read(replaced(document(), ("connections", "items", 0, "peer"), peer)).host.connections.items[0]
    assert (plain(first.peer), plain(first.private)) == (shown, private)


@pytest.mark.parametrize(
    "peer", ["", "10.0.0", "10.0.0.256", "ssm.example.com", "010.0.0.1", 167772161, None, "10.0.0.1/8"]
)
def test_a_peer_that_is_no_address_is_neither_private_nor_public(peer: object) -> None:
    first = read(replaced(document(), ("connections", "items", 0, "peer"), peer)).host.connections.items[0]
    assert isinstance(first.private, Unknown)
    assert isinstance(first.peer, Unknown)


@pytest.mark.parametrize("port", [0, -1, 65536, "443", 443.0, None, True])
def test_a_port_out_of_range_is_not_known(port: object) -> None:
    first = read(replaced(document(), ("connections", "items", 0, "port"), port)).host.connections.items[0]
    assert plain(first.port) is Why.UNPARSEABLE


@pytest.mark.parametrize("files", [-1, 10**30, "3", None, 1.5, True])
def test_a_count_out_of_range_is_not_known(files: object) -> None:
    assert plain(read(replaced(document(), ("session_logs", "files"), files)).host.session_logs) is Why.UNPARSEABLE


def test_texts_that_spell_bytes_are_turned_back() -> None:
    host = read(replaced(document(), ("node", "hostname"), "f\u00c3\u00bcr")).host
    assert plain(host.label) == "für"
    host = read(replaced(document(), ("node", "hostname"), "\u00ff")).host
    assert plain(host.label) == "\ufffd"
    host = read(replaced(document(), ("node", "hostname"), "f\u00c3\u00bcr") | {"text": "unicode"}).host
    assert plain(host.label) == "f\u00c3\u00bcr"


def test_what_acts_on_a_terminal_is_written_out() -> None:
    evil = "\x1b[2J\u0007\u202eevil\nline"
    data = replaced(document(), (*SSM_USER, "sudo", "items"), [evil])
    data = replaced(data, ("sudo_files", "items", 0, "path"), f"/etc/sudoers.d/{evil}") | {"text": "unicode"}
    data = replaced(data, CONTENT, json.dumps({"Ssm": {"Endpoint": evil}}))
    data = replaced(data, ("agent", "service"), {"unknown": evil})
    host = read(data, file="\x1b[31m.json").host
    assert host.identities.items[0].sudo.items == ("\\x1b[2J\\x07\\u202eevil\\nline",)
    assert plain(host.sudo_files.items[0].path) == "/etc/sudoers.d/\\x1b[2J\\x07\\u202eevil\\nline"
    assert str(host.sudo_files.items[0].at).isprintable()
    assert plain(host.config)["Ssm"]["Endpoint"].isprintable()
    assert isinstance(host.service, Unknown)
    assert host.service.detail.isprintable()


def test_half_a_character_is_written_out() -> None:
    host = read(replaced(document(), ("node", "hostname"), "\ud800x")).host
    assert plain(host.label) == "\\ud800x"


@pytest.mark.parametrize("extra", [{"note": "x"}, {"__class__": "os.system"}, {"$ref": "file:///etc/passwd"}])
def test_foreign_keys_are_ignored(extra: dict[str, object]) -> None:
    assert read(document() | extra | {"node": document()["node"] | extra}) == read(document())


def test_nothing_in_a_text_is_interpolated() -> None:
    for text in ("${jndi:ldap://x}", "{{7*7}}", "%s%n", "$(id)", "`id`"):
        assert plain(read(replaced(document(), ("node", "hostname"), text)).host.label) == text


# --- Windows --------------------------------------------------------------------------------------------------------


def windows(**changes: Any) -> dict[str, Any]:
    group = {
        "name": "Administratoren",
        "members": {"items": [{"name": "WEB\\ssm-user", "sid": "S-1-5-21-1-1001"}], "more": None},
    }
    return document() | {
        "text": "unicode",
        "probe": {"platform": "windows", "elevated": True, "finished": True},
        "administrators": group,
        "domain": "member",
        "sudo_files": None,
        "powershell": {"version": "5.1.20348.2849", "transcription": False},
        "identities": {
            "items": [
                {
                    "name": "ssm-user",
                    "exists": True,
                    "uid": None,
                    "gid": None,
                    "groups": {"items": [], "more": None},
                    "sudo": None,
                }
            ],
            "more": None,
        },
        **changes,
    }


def test_the_inside_of_a_windows_node() -> None:
    host = read(windows()).host
    assert plain(host.platform) == "Windows"
    assert (plain(host.administrators), plain(host.administrators_name)) == (["WEB\\ssm-user"], "Administratoren")
    assert (plain(host.domain), plain(host.powershell), plain(host.transcription)) == (
        "member",
        "5.1.20348.2849",
        False,
    )
    assert host.sudo_files == Inventory()
    (user,) = host.identities.items
    assert user.sudo == Inventory()
    assert plain(user.uid) is plain(user.gid) is None


@pytest.mark.parametrize("value", [None, {"unknown": "no rights"}, [], 1])
def test_a_windows_node_has_administrators_whatever_its_evidence_says(value: object) -> None:
    host = read(windows(administrators=value)).host
    assert isinstance(host.administrators, Unknown) or value is None
    assert not isinstance(host.administrators, Known)


def test_administrators_said_to_be_none_on_windows_are_not_known() -> None:
    assert plain(read(windows(administrators=None)).host.administrators) is Why.UNPARSEABLE
    assert plain(read(windows(domain=None)).host.domain) is Why.UNPARSEABLE


def test_a_deleted_account_among_administrators_goes_by_its_sid() -> None:
    group = {
        "name": "Administrators",
        "members": {"items": [{"name": None, "sid": "S-1-5-21-9"}, {"sid": "S-1-5-21-8"}], "more": None},
    }
    assert plain(read(windows(administrators=group)).host.administrators) == ["S-1-5-21-9", Why.UNAVAILABLE]


def test_a_node_that_is_no_windows_has_sudo_whatever_its_evidence_says() -> None:
    data = replaced(document(), (*SSM_USER, "sudo"), None)
    assert read(data).host.identities.items[0].sudo.gap is not None


# --- What Run Command said ------------------------------------------------------------------------------------------


def test_what_run_command_said_names_the_account_and_the_time() -> None:
    evidence = read(collected())
    assert (plain(evidence.account), plain(evidence.region)) == ("111122223333", "eu-west-1")
    assert evidence.collected is not None
    assert evidence.collected.utcoffset() == timedelta(0)
    assert evidence.collected == datetime.fromisoformat(COLLECTED["at"])


def test_a_node_that_says_it_is_another_is_not_believed() -> None:
    host = read(collected(instance="mi-0123456789abcdef0")).host
    assert plain(host.name) == "mi-0123456789abcdef0"
    assert host.address == "mi-0123456789abcdef0 (inside)"
    for value in (host.platform, host.elevated, host.config, host.agent_version, host.script, host.administrators):
        assert isinstance(value, Unknown)
        assert f"the evidence is from {NODE}" in value.detail
    for found in (host.identities, host.sudo_files, host.connections, host.names):
        assert found.items == ()
        assert found.gap is not None


@pytest.mark.parametrize("id_", [None, {"unknown": "nothing says it"}])
def test_a_node_that_does_not_know_its_id_is_the_one_that_was_asked(id_: object) -> None:
    host = read(replaced(collected(), ("node", "id"), id_)).host
    assert plain(host.name) == NODE
    assert plain(host.agent_version) == "3.2.2303.0"


@pytest.mark.parametrize("value", [[], "x", 1, {}, {"instance": "web"}, {"instance": None}, {"instance": "i-1\n"}])
def test_a_collection_that_does_not_name_its_node_is_refused(value: object) -> None:
    with pytest.raises(UsageError, match=r"collected\.instance is not a node ID"):
        read(document() | {"collected": value})


@pytest.mark.parametrize(
    ("key", "value"), [("account", "12"), ("account", "x" * 12), ("region", "moon"), ("region", "../..")]
)
def test_an_account_that_is_none_is_not_known(key: str, value: str) -> None:
    assert plain(getattr(read(collected(**{key: value})), key)) is Why.UNPARSEABLE


@pytest.mark.parametrize("when", ["yesterday", "2026-11-27T06:00:00", "", "9" * 100])
def test_a_time_that_is_none_is_not_known(when: str) -> None:
    assert read(collected(at=when)).collected is None


@pytest.mark.parametrize("id_", ["web", "i-", "i-../../etc", 7, None, {"unknown": "x"}, "i-0123456789abcdef0 "])
def test_a_node_without_an_id_goes_by_its_file(id_: object) -> None:
    host = read(replaced(document(), ("node", "id"), id_), file="dir/web.json").host
    assert isinstance(host.name, Unknown)
    assert host.address == "dir/web.json (inside)"


def test_a_node_that_names_none_goes_by_its_file() -> None:
    assert read(without(document(), ("node",))).host.address == "web.json (inside)"
