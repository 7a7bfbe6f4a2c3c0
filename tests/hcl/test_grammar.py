"""The grammar's tables: where they are kept, and what may go wrong there."""

import importlib.machinery
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from ssm_hardening.core.cache import cache_folder
from ssm_hardening.core.errors import SsmHardenError
from ssm_hardening.hcl import grammar
from ssm_hardening.hcl.grammar import ParseTables
from ssm_hardening.hcl.syntax import parse

ROOT = Path(grammar.__file__).parents[2]


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "ssm-harden"


def fresh() -> ParseTables:
    return grammar.tables.__wrapped__()


def in_a_new_process(code: str) -> "subprocess.Popen[str]":
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, text=True)


def test_the_cache_is_the_users_alone_and_is_used(cache: Path) -> None:
    derived = fresh()
    assert cache.stat().st_mode & 0o777 == 0o700
    (file,) = cache.iterdir()
    assert file.stat().st_mode & 0o077 == 0
    before = file.stat().st_mtime_ns
    assert fresh() == derived
    assert file.stat().st_mtime_ns == before


@pytest.mark.parametrize("spoil", [lambda _: b"", lambda data: data[:-9], lambda data: data.replace(b"7", b"8")])
def test_a_spoiled_cache_is_made_anew(cache: Path, spoil: Callable[[bytes], bytes]) -> None:
    derived = fresh()
    (file,) = cache.iterdir()
    spoiled = spoil(file.read_bytes())
    file.write_bytes(spoiled)
    assert Counter(entry.origin for entry in fresh().rules) == Counter(entry.origin for entry in derived.rules)
    assert file.read_bytes() != spoiled


def test_a_folder_that_others_can_write_to_is_not_used(cache: Path) -> None:
    cache.mkdir(parents=True)
    cache.chmod(0o777)
    assert cache_folder() is None
    assert fresh().rules
    assert list(cache.iterdir()) == []


def test_a_link_to_elsewhere_is_not_used(cache: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    cache.parent.mkdir()
    cache.symlink_to(tmp_path / "elsewhere")
    assert cache_folder() is None


def test_no_place_for_a_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert cache_folder() is None
    assert fresh().rules


def install_at(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = importlib.machinery.ModuleSpec("hcl2", None, is_package=True)
    spec.submodule_search_locations = [str(folder)]
    monkeypatch.setattr(grammar, "find_spec", lambda _name: spec)


@pytest.mark.usefixtures("cache")
@pytest.mark.parametrize("text", ['start : body\nbody : "x"\n', "not a grammar", ""])
def test_another_hcl2_is_told_apart(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "hcl2.lark").write_text(text, encoding="utf-8")
    install_at(tmp_path, monkeypatch)
    with pytest.raises(SsmHardenError, match="not python-hcl2 8") as caught:
        fresh()
    assert "--force-reinstall" in caught.value.hint
    assert "checkov" in caught.value.hint


@pytest.mark.usefixtures("cache")
def test_a_missing_hcl2_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install_at(tmp_path, monkeypatch)
    with pytest.raises(SsmHardenError, match="not installed"):
        fresh()


def test_heavy_libraries_stay_out() -> None:
    parse("main.tf", b"a = 1\n")
    run = in_a_new_process(
        "import sys\n"
        "from ssm_hardening.hcl.syntax import parse\n"
        "parse('main.tf', b'a = \"${b}\"')\n"
        "print(sorted({'hcl2', 'lark', 'cli'} & sys.modules.keys()))",
    )
    assert run.communicate()[0].strip() == "[]"


def test_runs_at_the_same_time_do_not_harm_each_other(cache: Path) -> None:
    code = "from ssm_hardening.hcl.syntax import parse; print(len(parse('x.tf', b'a = 1').body.attributes))"
    runs = [in_a_new_process(code) for _ in range(3)]
    assert [run.communicate()[0].strip() for run in runs] == ["1"] * 3
    assert [file.name.split("-")[0] for file in cache.iterdir()] == ["grammar"]
