"""The probe for Windows by the grammar of PowerShell: it parses, is plain ASCII, and calls nothing but what reads.

No Windows runs here; what such nodes answer is in `evidence/windows-*.json`, written by hand after the script.
"""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import tree_sitter

from ssm_hardening.core.folders import modules
from ssm_hardening.read.hosts.scripts import script
from tests.hosts.documents import EXAMPLES
from tests.hosts.powershell import called, faults, nodes_of, variables, walk, written

PROBE = script("windows").encode()
SCRIPTS = sorted((modules() / "host-baseline").rglob("*.ps1"))
CMDLETS = {
    *("Get-Acl", "Get-CimInstance", "Get-Command", "Get-NetTCPConnection", "Get-Process"),
    *("ForEach-Object", "Select-Object", "Sort-Object", "Where-Object", "Split-Path", "Write-Output"),
    "Set-StrictMode",  # of the script's own scope: a misspelt variable is an error, thus unknown, and no default
}
AUTOMATIC = {"_", "args", "false", "matches", "null", "true"}
INVOKED = {"$AnswerBlock", "$service", '"$env:SystemRoot\\System32\\netstat.exe"'}
"""Blocks of the script itself, and netstat where there is no cmdlet for it."""

READ = {
    "System.IO.File": {"Exists", "GetLastWriteTimeUtc", "Open"},
    "System.IO.Directory": {"EnumerateFiles", "Exists", "GetDirectories", "GetFileSystemEntries"},
    "System.Environment": {"ExpandEnvironmentVariables", "MachineName"},
    "System.Net.Dns": {"BeginGetHostAddresses", "EndGetHostAddresses"},
    "Microsoft.Win32.RegistryKey": {"OpenBaseKey"},
    "System.Diagnostics.FileVersionInfo": {"GetVersionInfo"},
    "System.Diagnostics.Stopwatch": {"StartNew"},
    "System.Net.NetworkInformation.IPGlobalProperties": {"GetIPGlobalProperties"},
    "System.Net.NetworkInformation.NetworkInterface": {"GetAllNetworkInterfaces"},
    "System.Security.Principal.WindowsIdentity": {"GetCurrent"},
    "Microsoft.Win32.RegistryHive": {"LocalMachine"},
    "Microsoft.Win32.RegistryView": {"Registry64"},
    "System.Security.Principal.WindowsBuiltInRole": {"Administrator"},
    "System.Security.AccessControl.PropagationFlags": {"InheritOnly"},
    "System.Text.Encoding": {"UTF8"},
    "System.BitConverter": {"ToUInt32"},
    "System.DateTime": {"UtcNow"},
    "Math": {"Floor", "Min"},
    "regex": {"Match", "Replace"},
    "string": {"IsNullOrEmpty"},
}
"""What it may use of a type; whatever could write, delete, start or send is not among it."""

METHODS = {
    *("Close", "Contains", "ContainsKey", "GetAccessRules", "GetActiveTcpConnections", "GetBaseException"),
    *(
        "GetIPProperties",
        "GetOwner",
        "GetString",
        "GetValue",
        "Invoke",
        "IsInRole",
        "LastIndexOf",
        "OpenSubKey",
        "Read",
    ),
    *("RefreshCache", "Replace", "Split", "StartsWith", "Substring", "ToLowerInvariant", "ToString", "Translate"),
    *("Trim", "WaitOne"),
}
ARGUMENTS = {
    "Invoke": {"('Groups')", "('Members')"},  # of directory objects
    "Open": {"($Path, 'Open', 'Read', 'ReadWrite')"},
    "OpenSubKey": {"($Path)"},  # a second argument could ask for the right to write
    "Read": {"($buffer, 0, $buffer.Length)"},
}
"""Methods that change things when they are called otherwise."""


def _calls(code: bytes) -> set[tuple[str, str, str]]:
    """Return the type (or nothing), the member, and the arguments (or nothing) of every use of a member."""
    found = set()
    for node in nodes_of(code):
        if node.type not in {"invokation_expression", "member_access"}:
            continue
        parts = {each.type: written(each) for each in node.children}
        if "member_name" in parts:
            kind = parts.get("type_literal", "").strip("[]")
            found.add((kind, parts["member_name"], parts.get("argument_list", "")))
    return found


def _unwanted(code: bytes) -> set[str]:
    """Return what a script does that the probe may not do."""
    found = called(code)
    unwanted = set(found.commands - found.functions - CMDLETS) | set(found.invoked - INVOKED) | set(found.redirections)
    for kind, member, arguments in _calls(code):
        allowed = READ.get(kind, set()) if kind != "" else METHODS if arguments != "" else {member}
        if member not in allowed or not re.fullmatch("[A-Za-z0-9]+", member):
            unwanted.add(f"{kind}.{member}")
        if arguments not in ARGUMENTS.get(member, {arguments}):
            unwanted.add(f"{member}{arguments}")
    return unwanted | _written_to(code)


def _written_to(code: bytes) -> set[str]:
    """Return the targets of assignments that are no variables of the script's own, or elements of its own tables."""
    targets = (written(each) for each in nodes_of(code) if each.type == "left_assignment_expression")
    return {each for each in targets if not re.fullmatch(r"\$[A-Za-z]+(\[\[int\]\$process\.Id\])?", each.strip())}


def test_it_parses_by_the_grammar() -> None:
    assert faults(PROBE) == ()
    assert faults(script("windows", ("appuser", "_x-1")).encode()) == ()


@pytest.mark.parametrize(
    ("whole", "broken"),
    [
        ("function Get-Domain {", "function Get-Domain"),
        ("if ($null -eq $key) { return $null }", "if ($null -eq $key { return $null }"),
        ("$kept += $item", "$kept += $item ]"),
        ("return '\"' + [regex]", "return '\" + [regex]"),
        ("Write-Output $evidence", "Write-Output $evidence }"),
    ],
)
def test_a_broken_script_is_caught(whole: str, broken: str) -> None:
    text = PROBE.decode()
    assert text.count(whole) == 1
    assert faults(text.replace(whole, broken).encode()) != ()


def test_it_is_plain_ascii_without_placeholders() -> None:
    assert PROBE.isascii()
    assert b"\t" not in PROBE
    assert b"{{" not in PROBE  # Run Command would look for a parameter there


def test_it_calls_only_what_reads() -> None:
    assert _unwanted(PROBE) == set()


@pytest.mark.parametrize(
    "line",
    [
        "Set-Content -Path C:\\x -Value 1",
        "$evidence | Out-File C:\\x",
        "$evidence > C:\\x",
        "netstat -ano 2>&1 >> C:\\x",
        "New-Item C:\\x",
        "Remove-Item C:\\x",
        "rm C:\\x",
        "Invoke-WebRequest http://192.0.2.1",
        "Invoke-Expression $evidence",
        "& $evidence",
        "& { Start-Process cmd }",
        ". C:\\x.ps1",
        "net user x /add",
        "Add-Type -TypeDefinition $evidence",
        "[System.IO.File]::WriteAllText('C:\\x', $evidence)",
        "[System.IO.File]::Open('C:\\x', 'Create')",
        "[System.IO.File]::$method('C:\\x')",
        "[IO.File]::Delete('C:\\x')",
        "[System.Environment]::SetEnvironmentVariable('x', 'y', 'Machine')",
        "$group.psbase.Invoke('Add', 'WinNT://x')",
        "$entry.psbase.CommitChanges()",
        "$hive.OpenSubKey('SOFTWARE', $true)",
        "$entry.Description = 'x'",
        "$env:Path = 'x'",
    ],
)
def test_a_line_that_could_change_something_is_caught(line: str) -> None:
    spoilt = PROBE + line.encode() + b"\n"
    assert faults(spoilt) == ()
    assert _unwanted(spoilt) != set()


def test_every_function_is_used() -> None:
    found = called(PROBE)
    assert found.functions <= found.commands


@cache
def _function(name: str) -> tree_sitter.Node:
    (found,) = (
        each
        for each in nodes_of(PROBE)
        if each.type == "function_statement" and name in {written(part) for part in each.children}
    )
    return found


def _keys(name: str) -> list[str]:
    """Return the keys of the tables in a function, in their order."""
    entries = (each for each in walk(_function(name)) if each.type == "hash_entry")
    return [written(each.children[0]).strip() for each in entries]


@pytest.mark.parametrize(
    "path", [each for each in EXAMPLES if each.stem.startswith("windows-")], ids=lambda each: each.stem
)
def test_the_examples_have_the_members_that_the_probe_writes(path: Path) -> None:
    data: dict[str, Any] = json.loads(path.read_text(encoding="ascii"))
    assert path.stat().st_size < 23_000
    assert list(data) == _keys("Get-Document")
    assert list(data["node"]) == _keys("Get-Node")
    assert list(data["agent"]) == _keys("Get-Agent")
    assert list(data["powershell"]) == _keys("Get-PowerShell")
    assert list(data["administrators"]) == _keys("Get-Administrators")
    for user in data["identities"]["items"]:
        assert list(user) == _keys("Get-Identity")
    config = data["agent"]["config"]
    assert config is None or "unknown" in config or list(config) == _keys("Get-AgentConfig")


def test_the_users_are_one_line_that_the_grammar_takes_for_a_list_of_texts() -> None:
    texts = {
        written(each) for each in nodes_of(script("windows", ("appuser",)).encode()) if each.type == "string_literal"
    }
    assert {"'ssm-user'", "'appuser'"} <= texts


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda each: each.name)
def test_the_scripts_of_the_module_parse_too(path: Path) -> None:
    assert faults(path.read_bytes()) == ()
    assert path.read_bytes().isascii()


def _unset(code: bytes) -> set[str]:
    """Return the variables that a script names and never sets; the language and the environment set some."""
    given, named = variables(code)
    return {each for each in named - given - AUTOMATIC if not each.startswith("env:")}


def test_every_variable_is_set_somewhere() -> None:
    assert _unset(PROBE) == set()
    assert _unset(PROBE.replace(b"$kept += $item", b"$kept += $itme")) == {"itme"}
    assert _unset(PROBE.replace(b'"$service.$region.$suffix"', b'"$service.$regoin.$suffix"')) == {"regoin"}


def _parameters(name: str) -> int:
    return sum(each.type == "script_parameter" for each in walk(_function(name)))


def test_functions_get_no_more_than_they_take() -> None:
    functions = called(PROBE).functions
    for command in (each for each in nodes_of(PROBE) if each.type == "command"):
        name = written(command.children[0])
        if name in functions:
            elements = [each for part in command.children if part.type == "command_elements" for each in part.children]
            given = [each for each in elements if each.type != "command_argument_sep"]
            assert len(given) <= _parameters(name), written(command)
