"""Which of init's complaints are about the world and which about the code. The texts are Terraform 1.11.4's."""

import pytest

from ssm_hardening.verification.diagnostics import is_out_of_reach, read_init, read_validation

UNREACHABLE = """
Initializing provider plugins...
- Finding hashicorp/aws versions matching ">= 5.0.0"...

Error: Failed to query available provider packages

Could not retrieve the list of available versions for provider hashicorp/aws:
could not connect to registry.example.org: failed to request discovery
document: Get "https://registry.example.org/.well-known/terraform.json":
dial tcp: lookup registry.example.org on 192.0.2.53:53: no such host

To see which modules are currently depending on hashicorp/aws and what
versions are specified, run the following command:
    terraform providers
"""
NOT_IN_MIRROR = """
Error: Failed to query available provider packages

Could not retrieve the list of available versions for provider nope/nope:
provider registry.example.org/nope/nope was not found in any of the search
locations

  - /mirror
"""
TOO_NEW = """
Error: Failed to query available provider packages

Could not retrieve the list of available versions for provider hashicorp/aws:
no available releases match the given constraints >= 99.0.0
"""
NO_SUCH_PROVIDER = """
Error: Failed to query available provider packages

Could not retrieve the list of available versions for provider nope/nope:
provider registry registry.example.org does not have a provider named
registry.example.org/nope/nope
"""
LOCKED = """
Error: Failed to query available provider packages

Could not retrieve the list of available versions for provider hashicorp/aws:
locked provider registry.example.org/hashicorp/aws 4.0.0 does not match
configured version constraint >= 5.0.0; must use terraform init -upgrade to
allow selection of new versions
"""
CHECKSUM = """
Error: Failed to install provider

Error while installing hashicorp/aws v5.100.0: the local package for
registry.example.org/hashicorp/aws 5.100.0 doesn't match any of the checksums
previously recorded in the dependency lock file
"""
NO_MODULE = """
Error: Failed to download module

  on main.tf line 1:
   1: module "m" {

Could not download module "m" (main.tf:1) source code from
"git::https://example.com/x.git": error downloading
'https://example.com/x.git': /usr/bin/git exited with 128: Cloning into
'.terraform/modules/m'...
fatal: unable to access 'https://example.com/x.git/': Could not resolve host:
example.com
"""
NO_REPOSITORY = """
Error: Failed to download module

  on main.tf line 1:
   1: module "m" {

Could not download module "m" (main.tf:1) source code from
"git::https://example.com/x.git": error downloading
'https://example.com/x.git': /usr/bin/git exited with 128: remote: Not Found
fatal: repository 'https://example.com/x.git/' not found
"""


@pytest.mark.parametrize("text", [UNREACHABLE, NOT_IN_MIRROR, TOO_NEW, NO_MODULE])
def test_what_cannot_be_had_here(text: str) -> None:
    (error,) = read_init(text)
    assert is_out_of_reach(error)


@pytest.mark.parametrize("text", [NO_SUCH_PROVIDER, LOCKED, CHECKSUM, NO_REPOSITORY])
def test_what_is_wrong_with_the_code(text: str) -> None:
    (error,) = read_init(text)
    assert not is_out_of_reach(error)


def test_place_and_words_are_taken_apart() -> None:
    (error,) = read_init(NO_REPOSITORY)
    assert (error.file, error.line, error.summary) == ("main.tf", 1, "Failed to download module")
    assert error.detail.startswith('Could not download module "m" (main.tf:1) source code from')
    (unreachable,) = read_init(UNREACHABLE)
    assert unreachable.detail.endswith("no such host")


def test_a_validation_without_ranges_is_read() -> None:
    validation = read_validation('{"valid": false, "diagnostics": [{"severity": "warning", "summary": "old"}]}')
    assert validation is not None
    assert [(each.severity, each.text(), each.line) for each in validation.diagnostics] == [("warning", "old", 0)]
