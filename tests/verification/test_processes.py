import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ssm_hardening.verification import processes
from ssm_hardening.verification.processes import NOT_RUNNABLE, environment, run
from tests.ending import comes_true, is_gone


def python(text: str, cwd: Path, *, timeout: float = 30) -> processes.Finished:
    return run([sys.executable, "-c", text], cwd=cwd, env=environment(), timeout=timeout)


def test_streams_and_code_are_kept_apart(tmp_path: Path) -> None:
    answer = python("import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)", tmp_path)
    assert (answer.code, answer.stdout, answer.stderr) == (3, "out\n", "err\n")
    assert not answer.timed_out
    assert not answer.truncated


def test_words_are_never_shell_text(tmp_path: Path) -> None:
    word = "$(touch made); `touch made` && touch made"
    command = [sys.executable, "-c", "import sys; print(sys.argv[1])", word]
    answer = run(command, cwd=tmp_path, env=environment(), timeout=30)
    assert answer.stdout == f"{word}\n"
    assert list(tmp_path.iterdir()) == []


def test_secrets_of_the_shell_stay_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "BC_API_KEY", "GITHUB_TOKEN", "TF_VAR_x", "TF_CLI_ARGS"):
        monkeypatch.setenv(name, "secret")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy:3128")
    answer = python("import os; print(dict(os.environ))", tmp_path)
    assert "secret" not in answer.stdout
    assert "http://proxy:3128" in answer.stdout
    assert "PATH" in answer.stdout


def test_more_may_be_let_through_by_name_and_prefix(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TF_TOKEN_example_com", "one")
    monkeypatch.setenv("TF_PLUGIN_CACHE_DIR", "/two")
    assert "TF_TOKEN_example_com" not in environment()
    chosen = environment(also=("TF_PLUGIN_CACHE_DIR",), prefixes=("TF_TOKEN_",))
    assert (chosen["TF_TOKEN_example_com"], chosen["TF_PLUGIN_CACHE_DIR"]) == ("one", "/two")


TEMPORARY = """
import os, pathlib, tempfile
given = {os.environ[name] for name in ("TMPDIR", "TMP", "TEMP")}
(own,) = given
assert tempfile.gettempdir() == own
pathlib.Path(own, "left").touch()
print(own, oct(pathlib.Path(own).stat().st_mode & 0o777), os.listdir(own))
"""


def test_each_child_has_a_folder_of_its_own_for_temporary_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMP", str(tmp_path))
    told = [python(TEMPORARY, tmp_path) for _ in range(2)]
    assert [each.code for each in told] == [0, 0], told
    folders = [each.stdout.split(" ", 1) for each in told]
    assert [rest for _, rest in folders] == ["0o700 ['left']\n"] * 2
    assert folders[0][0] != folders[1][0]
    assert not any(Path(folder).exists() for folder, _ in folders)


def test_the_folder_goes_with_a_child_that_is_ended(tmp_path: Path) -> None:
    answer = python("import os, time; print(os.environ['TMPDIR'], flush=True); time.sleep(600)", tmp_path, timeout=2)
    assert answer.timed_out
    assert not Path(answer.stdout.strip()).exists()


def test_no_room_for_temporary_files_is_an_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "nothing"))
    answer = python("print('ran')", tmp_path)
    assert (answer.code, answer.stdout) == (NOT_RUNNABLE, "")
    assert "cannot create a temporary folder" in answer.stderr


def test_a_child_that_hangs_is_ended_with_its_children(tmp_path: Path) -> None:
    text = "import subprocess; p = subprocess.Popen(['sleep', '600']); print(p.pid, flush=True); p.wait()"
    answer = python(text, tmp_path, timeout=2)
    assert answer.timed_out
    assert comes_true(lambda: is_gone(int(answer.stdout)))


def test_a_child_that_closes_its_output_and_hangs_is_ended_too(tmp_path: Path) -> None:
    answer = python("import os, time; os.close(1); os.close(2); time.sleep(600)", tmp_path, timeout=1)
    assert answer.timed_out


def test_a_flood_is_read_to_the_end_and_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "LIMIT", 1000)
    answer = python("import sys; sys.stdout.write('x' * 5_000_000); sys.exit(4)", tmp_path)
    assert answer.code == 4
    assert answer.stdout == "x" * 1000
    assert answer.truncated


def test_output_that_is_no_text_is_shown_as_far_as_it_goes(tmp_path: Path) -> None:
    answer = python("import os; os.write(1, b'a\\xff\\x00b')", tmp_path)
    assert answer.stdout == "a\ufffd\x00b"


def test_a_program_that_cannot_be_started_is_an_answer(tmp_path: Path) -> None:
    missing = run([tmp_path / "nothing"], cwd=tmp_path, env=environment(), timeout=5)
    assert missing.code == NOT_RUNNABLE
    assert ": No such file" in missing.stderr
    garbage = tmp_path / "garbage"
    garbage.write_bytes(b"\x7fELF nonsense")
    garbage.chmod(0o755)
    assert "cannot run" in run([garbage], cwd=tmp_path, env=environment(), timeout=5).stderr


def test_lines_are_told_as_they_come(tmp_path: Path) -> None:
    lines: list[str] = []
    command = [sys.executable, "-c", "print('one'); print('two')"]
    run(command, cwd=tmp_path, env=environment(), timeout=30, on_line=lines.append)
    assert lines == ["one", "two"]


def test_an_interruption_ends_the_child(tmp_path: Path) -> None:
    pids: list[int] = []

    def interrupt(line: str) -> None:
        pids.append(int(line))
        raise KeyboardInterrupt

    command = [sys.executable, "-c", "import os, time; print(os.getpid(), flush=True); time.sleep(600)"]
    with pytest.raises(KeyboardInterrupt):
        run(command, cwd=tmp_path, env=environment(), timeout=60, on_line=interrupt)
    with pytest.raises(ProcessLookupError):
        os.kill(pids[0], 0)


def test_the_tail_prefers_what_was_said_of_errors(tmp_path: Path) -> None:
    answer = python("import sys; print('out'); print('a\\n\\nb', file=sys.stderr)", tmp_path)
    assert answer.tail(1) == ("b",)
    assert python("print('out')", tmp_path).tail() == ("out",)


def test_a_child_is_ended_when_a_signal_comes_while_it_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[int] = []

    class Interrupted(subprocess.Popen[bytes]):
        """The child runs, and its starter does not know of it yet."""

        def __init__(self, *arguments: object, **options: object) -> None:
            super().__init__(*arguments, **options)  # type: ignore[call-overload]  # as they came
            started.append(self.pid)
            signal.raise_signal(signal.SIGTERM)

    def stop(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        monkeypatch.setattr(subprocess, "Popen", Interrupted)
        with pytest.raises(KeyboardInterrupt):
            run(["sleep", "600"], cwd=tmp_path, env=environment(), timeout=60)
        monkeypatch.undo()
        assert signal.getsignal(signal.SIGTERM) is stop
    finally:
        signal.signal(signal.SIGTERM, before)
    assert comes_true(lambda: is_gone(started[0]))
