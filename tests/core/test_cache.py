"""What is kept from run to run: whose it must be, how much of it there is, and what becomes of spoiled entries."""

import os
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from ssm_hardening.core import cache
from ssm_hardening.core.cache import Cache, cache_folder, refusal

TEXT = b"what was made" * 100


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "ssm-harden"


def link(folder: Path) -> None:
    (folder.parent / "elsewhere").mkdir(mode=0o700)
    folder.symlink_to(folder.parent / "elsewhere")


def writable_by(others: int, folder: Path) -> None:
    folder.mkdir()
    folder.chmod(0o700 | others)


REFUSED: dict[str, tuple[Callable[[Path], object], str]] = {
    "others": (partial(writable_by, 0o007), "other users can write to it"),
    "group": (partial(writable_by, 0o070), "other users can write to it"),
    "link": (link, "it is a symbolic link"),
    "file": (lambda folder: folder.touch(), "it is not a folder"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_folder_that_is_not_the_users_alone_is_refused(case: str, folder: Path) -> None:
    make, why = REFUSED[case]
    make(folder)
    kept = Cache(cache_folder())
    kept.put(b"x", TEXT)
    assert (kept.get(b"x"), kept.folder) == (None, None)
    assert refusal() == f"{folder} is not used as a cache: {why}"


def test_a_folder_of_somebody_else_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.mkdir(mode=0o700)
    monkeypatch.setattr(os, "getuid", lambda: 12345)
    assert cache_folder() is None
    assert refusal().endswith("it belongs to another user")


@pytest.mark.parametrize("case", REFUSED)
def test_the_folder_within_must_be_the_users_alone_too(case: str, folder: Path) -> None:
    folder.mkdir(mode=0o700)
    make, why = REFUSED[case]
    make(folder / "roots")
    assert Cache(cache_folder()).folder is None
    assert refusal() == f"{folder / 'roots'} is not used as a cache: {why}"


def test_what_was_put_is_got(folder: Path) -> None:
    kept = Cache(cache_folder())
    kept.put(b"x", TEXT)
    assert Cache(cache_folder()).get(b"x") == TEXT
    assert kept.get(b"y") is None
    (file,) = (folder / "roots").iterdir()
    assert [each.stat().st_mode & 0o777 for each in (folder, folder / "roots", file)] == [0o700, 0o700, 0o600]
    assert b"what was made" not in file.read_bytes()


@pytest.mark.usefixtures("folder")
def test_an_entry_of_another_program_is_not_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    Cache(cache_folder()).put(b"x", TEXT)
    monkeypatch.setattr(cache, "_stamp", lambda: b"another version")
    assert Cache(cache_folder()).get(b"x") is None


@pytest.mark.usefixtures("folder")
def test_the_least_recently_used_are_removed() -> None:
    kept = Cache(cache_folder(), most=4_000)
    for number in range(8):
        kept.put(bytes([number]), os.urandom(1_000))
        (newest,) = (each for each in folder_of(kept).iterdir() if each.stat().st_mtime > 1_000)
        os.utime(newest, (number, number))
    kept.get(bytes([1]))  # used, so it is recent again
    kept.close()
    assert [number for number in range(8) if kept.get(bytes([number])) is not None] == [1, 7]


def folder_of(kept: Cache) -> Path:
    assert kept.folder is not None
    return kept.folder


@pytest.mark.usefixtures("folder")
def test_a_full_disk_keeps_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Cache(cache_folder())

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    kept.put(b"x", TEXT)
    kept.close()
    assert list(folder_of(kept).iterdir()) == []


def test_a_home_that_cannot_be_written_to_keeps_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    kept = Cache(cache_folder())
    kept.put(b"x", TEXT)
    assert (kept.get(b"x"), kept.folder, refusal()) == (None, None, "")


@pytest.mark.usefixtures("folder")
def test_a_folder_that_goes_is_no_error() -> None:
    kept = Cache(cache_folder())
    folder_of(kept).rmdir()
    kept.put(b"x", TEXT)
    kept.close()
    assert kept.get(b"x") is None


@pytest.mark.usefixtures("folder")
def test_runs_at_the_same_time_do_not_harm_each_other() -> None:
    wrong: list[bytes] = []

    def use(number: int) -> None:
        kept = Cache(cache_folder(), most=2_000)
        for turn in range(60):
            name = bytes([(turn + number) % 5])
            kept.put(name, name * 700)
            found = kept.get(name)
            if found not in {None, name * 700}:
                wrong.append(found or b"")
            kept.close()

    runs = [threading.Thread(target=use, args=[number]) for number in range(4)]
    for each in runs:
        each.start()
    for each in runs:
        each.join()
    assert wrong == []


@pytest.mark.usefixtures("folder")
def test_what_opens_to_too_much_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Cache(cache_folder())
    kept.put(b"x", TEXT)
    monkeypatch.setattr(cache, "_LARGEST", 1_000)
    assert kept.get(b"x") is None
    kept.put(b"y", TEXT)
    assert kept.get(b"y") is None
