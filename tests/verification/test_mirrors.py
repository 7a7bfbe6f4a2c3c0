import os
from collections.abc import Callable
from pathlib import Path

import pytest

from ssm_hardening.verification import mirrors
from ssm_hardening.verification.mirrors import FoundMirrors, ProviderBuild, distrust, look, versions
from tests.verification.making import AWS, TOFU, packed, unpacked

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files to others")


def test_versions_packed_and_unpacked_newest_first(tmp_path: Path) -> None:
    for version in ("5.9.0", "5.10.0-beta1", "5.10.0"):
        unpacked(tmp_path, version)
    packed(tmp_path, "4.67.0")
    (tmp_path / AWS.host / AWS.name / "nonsense" / AWS.platform).mkdir(parents=True)
    (tmp_path / AWS.host / AWS.name / "6.0.0" / AWS.platform).mkdir(parents=True)
    assert versions(tmp_path, AWS) == ("5.10.0", "5.10.0-beta1", "5.9.0", "4.67.0"), "an empty folder is no provider"


@pytest.mark.parametrize("make", [packed, unpacked])
def test_another_host_or_platform_is_another_provider(
    tmp_path: Path, make: Callable[[Path, str, ProviderBuild], Path]
) -> None:
    make(tmp_path, "5.1.0", ProviderBuild(AWS.host, "other_cpu"))
    make(tmp_path, "5.2.0", TOFU)
    assert versions(tmp_path, AWS) == ()
    assert versions(tmp_path, TOFU) == ("5.2.0",)


def test_the_look_ends_three_levels_below_a_start(safe: Path) -> None:
    near, far = safe / "a/b/c", safe / "a/b/d/e"
    unpacked(near, "5.0.0")
    unpacked(far, "6.0.0")
    assert look([safe], AWS) == FoundMirrors((near,))
    assert look([safe / "a/b/c", safe / "nothing", safe / "a"], AWS).mirrors == (far, near)


def test_the_newest_then_the_first_by_path(safe: Path) -> None:
    for name, version in (("z", "5.10.0"), ("b", "5.9.0"), ("y", "5.10.0"), ("a", "5.10.0-rc1")):
        unpacked(safe / name, version)
    assert [mirror.name for mirror in look([safe], AWS).mirrors] == ["y", "z", "a", "b"]


def test_links_are_followed_where_they_stay_and_never_in_circles(safe: Path) -> None:
    unpacked(safe / "start/a/b/c/deep", "5.0.0")
    unpacked(safe / "elsewhere", "6.0.0")
    (safe / "start/inside").symlink_to(safe / "start/a/b/c/deep")
    (safe / "start/outside").symlink_to(safe / "elsewhere")
    (safe / "start/a/up").symlink_to(safe / "start")
    (safe / "start/broken").symlink_to(safe / "nothing")
    assert look([safe / "start"], AWS) == FoundMirrors((safe / "start/a/b/c/deep",))


def test_a_start_may_be_a_link(safe: Path) -> None:
    unpacked(safe / "real/mirror", "5.0.0")
    (safe / "start").symlink_to(safe / "real")
    assert look([safe / "start", safe / "real"], AWS) == FoundMirrors((safe / "real/mirror",))


def test_the_look_is_bounded(safe: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(20):
        (safe / f"a{number:02}").mkdir()
    unpacked(safe / "a00/mirror", "5.0.0")
    assert look([safe], AWS).mirrors == (safe / "a00/mirror",)
    monkeypatch.setattr(mirrors, "_LOOKED_AT", 10)
    assert look([safe], AWS) == FoundMirrors()


def test_a_mirror_too_large_to_check_is_refused(safe: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    unpacked(safe, "5.0.0")
    monkeypatch.setattr(mirrors, "_CHECKED", 3)
    assert look([safe], AWS) == FoundMirrors((), (f"{safe} was not used: it holds more than 3 entries",))


WRITABLE = {
    "by_all": ("mirror", 0o757),
    "by_the_group": ("mirror", 0o775),
    "sticky": ("mirror", 0o1777),
    "a_parent": ("", 0o777),
    "a_sticky_parent": ("", 0o1777),
    "the_host": ("mirror/registry.terraform.io", 0o777),
    "the_version": ("mirror/registry.terraform.io/hashicorp/aws/5.0.0", 0o775),
    "the_program": (
        f"mirror/registry.terraform.io/hashicorp/aws/5.0.0/{AWS.platform}/terraform-provider-aws_v5.0.0_x5", 0o777,
    ),
    "another_provider": ("mirror/registry.terraform.io/hashicorp/random", 0o777),
}  # fmt: skip


@pytest.mark.parametrize("case", WRITABLE)
def test_what_others_may_write_to_is_refused(safe: Path, case: str) -> None:
    name, mode = WRITABLE[case]
    unpacked(safe / "mirror", "5.0.0")
    (safe / "mirror/registry.terraform.io/hashicorp/random").mkdir()
    (safe / name).chmod(mode)
    reason = f"other users can write to {safe / name}".removesuffix("/")
    assert look([safe], AWS) == FoundMirrors((), (f"{safe / 'mirror'} was not used: {reason}",))


def test_a_packed_provider_that_others_may_write_to_is_refused(safe: Path) -> None:
    archive = packed(safe, "5.0.0")
    archive.chmod(0o666)
    assert distrust(safe) == f"other users can write to {archive}"


@as_root
@pytest.mark.parametrize("name", ["", "mirror", "mirror/registry.terraform.io/hashicorp/aws/5.0.0"])
def test_what_belongs_to_another_user_is_refused(safe: Path, name: str) -> None:
    unpacked(safe / "mirror", "5.0.0")
    os.chown(safe / name, 12345, 12345)
    assert look([safe], AWS).refused == (f"{safe / 'mirror'} was not used: {safe / name} belongs to another user",)


def test_a_link_out_of_the_mirror_is_refused(safe: Path) -> None:
    unpacked(safe / "elsewhere", "5.0.0")
    mirror = safe / "start/mirror"
    mirror.mkdir(parents=True)
    (mirror / AWS.host).symlink_to(safe / "elsewhere" / AWS.host)
    refused = f"{mirror} was not used: {mirror / AWS.host} is a symbolic link that points outside of it"
    assert look([safe / "start"], AWS) == FoundMirrors((), (refused,))


def test_a_link_within_the_mirror_is_as_good_as_what_it_leads_to(safe: Path) -> None:
    program = unpacked(safe, "5.0.0")
    (program.parents[2] / "5.1.0").symlink_to("5.0.0")
    assert look([safe], AWS) == FoundMirrors((safe,))
    program.chmod(0o777)
    assert distrust(safe) == f"other users can write to {program}"


def test_only_the_mirror_itself_is_judged_where_the_user_named_it(safe: Path) -> None:
    program = unpacked(safe / "cache", "5.0.0")
    safe.chmod(0o777)
    assert distrust(safe / "cache", above=False) is None
    program.chmod(0o777)
    assert distrust(safe / "cache", above=False) == f"other users can write to {program}"
