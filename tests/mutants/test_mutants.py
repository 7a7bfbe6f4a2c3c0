import sys
from pathlib import Path

import pytest

from tests.mutants.__main__ import main
from tests.mutants.making import Mutant, mutants, sample
from tests.mutants.running import Runner, results

TOY = """def grade(points: int) -> str:
    if points >= 10:
        return "good"
    return "bad"
"""
GOOD = """import toy

def test_the_limit():
    assert [toy.grade(points) for points in (9, 10, 11)] == ["bad", "good", "good"]
"""
USELESS = "import toy\n\ndef test_nothing():\n    assert toy.grade(3)\n"


def made(folder: Path, text: str) -> list[Mutant]:
    (folder / "toy.py").write_text(text)
    return list(mutants(folder, [folder / "toy.py"]))


def pytest_of(test: str) -> list[str]:
    return ["--", sys.executable, "-m", "pytest", "-x", "-p", "no:cacheprovider", test]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x = a == b", ["x = a != b"]),
        ("x = a < b", ["x = a <= b", "x = a >= b"]),
        ("x = a not in b", ["x = a in b"]),
        ("x = a and b and c", ["x = a or b and c", "x = a and b or c"]),
        ("x = not a", ["x =  a"]),
        ("x = [a, b]", ["x = [b]", "x = [a]"]),
        ("x = (a, b)", ["x = (b,)", "x = (a,)"]),
        ("x = {a}", ["x = set()"]),
        ("x = {a: b, **c}", ["x = {**c}", "x = {a: b}"]),
        ("x = 3, True", ["x = True,", "x = 3,", "x = 4, True", "x = 3, False"]),
        ("x = a if b else c", ["x = a if False else c", "x = a if True else c"]),
        ("x = [a for a in b if a]", ["x = [a for a in b if True]"]),
        ("x = Severity.HIGH", ["x = Severity.MEDIUM"]),
        ("Failed; Passed(at, f'{a or b}')", ["Failed; Failed(at, f'{a or b}')"]),
        ("Passed; Failed(at, a, severity=b)", ["Passed; Passed(at, a)"]),
        ("Passed; Undecided(at, gap, a)", ["Passed; Passed(at, a)"]),
        (
            "match a:\n    case 'b':\n        c()\n    case _:\n        pass\n",
            ["match a:\n    case _:\n        pass\n"],
        ),
        ("if 'ä':\n    a()\nelse:\n    b()\n", [f"if {it}:\n    a()\nelse:\n    b()\n" for it in (False, True)]),
    ],
)
def test_each_operator(tmp_path: Path, before: str, after: list[str]) -> None:
    found = sample(tmp_path, made(tmp_path, before), 1, 50)
    assert sorted(mutant.applied(before.encode()).decode() for mutant in found) == sorted(after)


@pytest.mark.parametrize(
    "text",
    [
        '"""Text."""\nx: tuple[int, str]\n',
        "def __repr__(self):\n    return [self][0]\n",
        "raise ValueError(a or b)",
        "x = f'{a or b}'",
        "log.info([a, b])",
        "@dataclass(frozen=True)\nclass A:\n    __slots__ = ('a', 'b')\n",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import a\n",
        "match a:\n    case 'b':\n        pass\n    case _:\n        pass\n",
        "def a(b):\n    match b:\n        case 'c':\n            return\n        case _:\n            return\n",
    ],
)
def test_messages_types_and_declarations_are_not_mutated(tmp_path: Path, text: str) -> None:
    assert made(tmp_path, text) == []


def test_changes_outside_the_function_keep_its_ids(tmp_path: Path) -> None:
    there = {mutant.id for mutant in made(tmp_path, TOY)}
    moved = made(tmp_path, f"LIMITS = [1, 2]\n\n\ndef other(a):\n    return a >= 10\n\n\n{TOY}")
    assert there < {mutant.id for mutant in moved}
    assert {mutant.id for mutant in moved if mutant.where == "grade"} == there


def test_equal_changes_in_one_function_have_different_ids(tmp_path: Path) -> None:
    found = made(tmp_path, "def a(b):\n    return [b == 1, b == 1]\n")
    assert len({mutant.id for mutant in found}) == len(found)


def test_a_seed_selects_the_same_mutants_and_mostly_so_after_code_is_added(tmp_path: Path) -> None:
    text = "".join(f"def f{number}(a, b):\n    return a < {number} and not b\n" for number in range(20))
    first, again, other = (sample(tmp_path, made(tmp_path, text), seed, 20) for seed in (1, 1, 2))
    assert first == again
    assert first != other
    grown = sample(tmp_path, made(tmp_path, f"def g(a):\n    return a < 3\n{text}"), 1, 20)
    assert len({mutant.id for mutant in first} & {mutant.id for mutant in grown}) >= 16


def test_a_good_test_kills_mutants_and_a_useless_one_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    folder = tmp_path / "project"
    folder.mkdir()
    for name, text in (("toy.py", TOY), ("test_good.py", GOOD), ("test_useless.py", USELESS)):
        (folder / name).write_text(text)
    monkeypatch.chdir(folder)
    before, after = tmp_path / "before.jsonl", tmp_path / "after.jsonl"
    assert main(["--paths", "toy.py", "--count", "2", "--out", str(before), *pytest_of("test_good.py")]) == 0
    assert {result.by for result in results(before).values()} == {"test_good.py::test_the_limit"}
    like = ["--like", str(before), "--paths", "toy.py"]
    assert main([*like, "--jobs", "2", "--out", str(after), *pytest_of("test_useless.py")]) == 0
    assert {result.outcome for result in results(after).values()} == {"survived"}
    assert main(["compare", str(before), str(after)]) == 1
    assert main(["compare", str(before), str(before)]) == 0
    told = capsys.readouterr().out
    assert "toy.py:2  comparison: >= → " in told
    assert "SURVIVED; before: test_good.py::test_the_limit" in told
    assert "of 2 mutants killed before: 0 killed, 2 survived, 0 not tested" in told
    assert {path.name for path in folder.iterdir()} == {"toy.py", "test_good.py", "test_useless.py"}
    assert (folder / "toy.py").read_text() == TOY


def test_a_command_that_fails_on_the_unchanged_tree_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "toy.py").write_text(TOY)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit, match="does not pass on the unchanged tree"):
        main(["--paths", "toy.py", "--", sys.executable, "-c", "import toy; assert toy.grade(10) == 'bad'"])


def test_an_existing_results_file_is_not_overwritten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "there.jsonl").write_text("kept")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit, match="2"):
        main(["--out", "there.jsonl", "--", "true"])
    assert (tmp_path / "there.jsonl").read_text() == "kept"


def test_a_timeout_counts_as_killed(tmp_path: Path) -> None:
    mutant = made(tmp_path, "STEP = [1]\n")[0]
    runner = Runner((sys.executable, "-c", "import time; time.sleep(600)"), tmp_path, 0.2)
    result = runner.test(mutant)
    assert (result.outcome, result.by) == ("killed", "timeout")
