"""Files of evidence, good and hostile: what cannot be read is a clear error, and nothing in them is believed unread."""

import codecs
import json
import os
from pathlib import Path

import pytest

from ssm_hardening.core.errors import UsageError
from ssm_hardening.core.values import Known
from ssm_hardening.read.hosts.evidence import LARGEST, load, loads
from ssm_hardening.read.hosts.joining import read_evidence
from tests.hosts.documents import EVIDENCE, EXAMPLES, document

TEXT = (EVIDENCE / "linux-as-it-comes.json").read_text(encoding="utf-8")


def refused(data: bytes | str, *, file: str = "web.json") -> UsageError:
    with pytest.raises(UsageError) as caught:
        loads(data if isinstance(data, bytes) else data.encode(), file=file)
    assert caught.value.message.startswith(f"{file}: ")
    assert caught.value.hint
    return caught.value


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_is_read(path: Path) -> None:
    (evidence,) = read_evidence([path])
    assert isinstance(evidence.host.platform, Known)
    assert path.read_bytes().isascii()
    assert len(path.read_bytes()) <= 24_000


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        codecs.BOM_UTF8 + TEXT.encode(),
        codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
        f"\r\n{TEXT}\r\n".encode(),
    ],
    ids=["utf-8", "utf-8 with a mark", "utf-16 as PowerShell redirects", "utf-16 big-endian", "blank lines around"],
)
def test_encodings_that_a_redirection_writes(data: bytes) -> None:
    assert loads(data, file="web.json").data == document()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (TEXT.encode("utf-16-le"), "is not valid JSON"),
        (TEXT.replace("ip-10", "\u00fc").encode("latin-1"), "not valid UTF-8 text"),
        (codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le")[:-1], "not valid UTF-16 text"),
        (codecs.BOM_UTF32_LE + TEXT.encode("utf-32-le"), "UTF-32 is not supported"),
        (b"\x7fELF\x02\x01\x01\x00\xff\xfe", "not valid UTF-8 text"),
        (b"", "is empty"),
        (b" \n", "is empty"),
    ],
)
def test_wrong_encodings_are_refused(data: bytes, words: str) -> None:
    assert words in refused(data).message


@pytest.mark.parametrize("kept", [1, 100, 1000, len(TEXT.rstrip()) - 1])
def test_a_truncated_document_is_refused_with_the_likely_cause(kept: int) -> None:
    error = refused(TEXT[:kept])
    assert "is not valid JSON" in error.message
    assert "Run Command keeps 24,000 characters" in error.hint


def test_a_huge_file_is_refused_without_being_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "huge.json"
    with path.open("wb") as stream:
        stream.write(b"[")
        stream.truncate(100 * 1024 * 1024)
    with pytest.raises(UsageError, match="larger than 1 MiB"):
        load(path)


def test_the_largest_file_that_is_read(tmp_path: Path) -> None:
    path = tmp_path / "large.json"
    path.write_text(TEXT + " " * (LARGEST - len(TEXT)), encoding="utf-8")
    assert load(path).platform == "Linux"
    path.write_text(TEXT + " " * (LARGEST - len(TEXT) + 1), encoding="utf-8")
    with pytest.raises(UsageError, match="larger than 1 MiB"):
        load(path)


@pytest.mark.parametrize("levels", [40, 5_000, 200_000])
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_a_deep_document_is_refused(levels: int, opening: str, closing: str) -> None:
    deep = opening * levels + "0" + closing * levels
    assert "nested too deeply" in refused(TEXT.replace('"elevated": true', f'"elevated": {deep}')).message


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_json_number_is_refused(word: str) -> None:
    assert f"{word} is not a JSON number" in refused(TEXT.replace("1001", word)).message


def test_a_number_of_ten_thousand_digits_is_refused() -> None:
    assert "has a number with 10000 digits" in refused(TEXT.replace("1001", "9" * 10_000)).message


@pytest.mark.parametrize("key", ["schema", "elevated", "sudo", "uid"])
def test_what_is_said_twice_is_refused(key: str) -> None:
    doubled = TEXT.replace(f'"{key}":', f'"{key}": null, "{key}":', 1)
    assert f"the key '{key}' appears more than once" in refused(doubled).message


@pytest.mark.parametrize("schema", ["ssm-harden/host/2", "ssm-harden/account/1", "", None, 1, ["ssm-harden/host/1"]])
def test_another_version_of_the_schema_is_refused(schema: object) -> None:
    error = refused(json.dumps(document() | {"schema": schema}))
    assert "expected ssm-harden/host/1" in error.message


@pytest.mark.parametrize("data", [[], "text", 1, None, True, {}, {"a": 1}])
def test_json_that_is_no_document_of_the_probe_is_refused(data: object) -> None:
    refused(json.dumps(data))


@pytest.mark.parametrize("platform", ["Linux", "plan9", "", None, 1, {"unknown": "x"}, ["linux"]])
def test_a_platform_that_is_not_known_is_refused(platform: object) -> None:
    spoilt = document() | {"probe": {"platform": platform, "elevated": True, "finished": True}}
    error = refused(json.dumps(spoilt))
    assert error.message == "web.json: probe.platform is not valid; expected linux, macos, or windows"


@pytest.mark.parametrize("text", ["utf-8", None, 1, {}])
def test_texts_of_an_unknown_kind_are_refused(text: object) -> None:
    assert "text is not valid; expected bytes or unicode" in refused(json.dumps(document() | {"text": text})).message


@pytest.mark.parametrize("probe", [None, [], "linux", 1])
def test_a_document_of_no_probe_is_refused(probe: object) -> None:
    assert "`probe` is missing" in refused(json.dumps(document() | {"probe": probe})).message


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file"):
        load(tmp_path / "none.json")
    with pytest.raises(UsageError, match="not a file"):
        load(tmp_path)
    with pytest.raises(UsageError):
        load(Path("a\x00b"))


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UsageError, match="not a file"):
        load(tmp_path / "pipe")


def test_messages_hold_no_escapes_of_the_terminal(tmp_path: Path) -> None:
    path = tmp_path / "\x1b[31mred.json"
    path.write_text(json.dumps({"schema": "\x1b]0;owned\x07"}), encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        load(path)
    assert caught.value.message.isprintable()
    assert "\\x1b" in caught.value.message


def test_a_key_said_twice_is_shown_without_escapes() -> None:
    assert refused('{"\\u001b[2J": 1, "\\u001b[2J": 2}').message.isprintable()
