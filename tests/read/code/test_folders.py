"""The prefilter: what it may pass over, and what it must not."""

from pathlib import Path
from time import process_time

import pytest

from ssm_hardening.read.code.folders import survey
from ssm_hardening.read.graph import SIGNS


@pytest.mark.parametrize("sign", SIGNS, ids=[sign.decode() for sign in SIGNS])
def test_each_sign_alone_makes_a_root_matter(sign: bytes, tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_bytes(b'x = "' + sign + b'"\n')
    assert survey([tmp_path]).reaches(tmp_path)


def test_a_sign_in_a_called_module_makes_its_callers_matter(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "main.tf").write_text('module "a" {\n  source = "./a"\n}\n')
    (tmp_path / "a" / "main.tf").write_text('module "b" {\n  source = "./b"\n}\n')
    (tmp_path / "a" / "b" / "main.tf").write_text('resource "aws_ssm_document" "x" {}\n')
    found = survey([tmp_path])
    assert found.reaches(tmp_path)
    assert found.roots([]) == [tmp_path]


def test_a_source_that_is_an_expression_may_lead_anywhere(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text('module "a" {\n  source = "./${var.which}"\n}\n')
    assert survey([tmp_path]).reaches(tmp_path)


def test_a_file_of_bytes_may_hold_anything(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_bytes(b"\x00\x01")
    assert survey([tmp_path]).reaches(tmp_path)


def test_code_without_a_word_of_ours_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text('resource "aws_vpc" "x" {\n  cidr_block = "10.0.0.0/16"\n}\n')
    assert not survey([tmp_path]).reaches(tmp_path)


@pytest.mark.parametrize("piece", ["action=[", "a", 'x = "*", ', "ssm:*a*", "?", "- \n", 'source = "$', 'file("a'])
def test_no_text_takes_long_to_search(piece: str, tmp_path: Path) -> None:
    """Time grows with the size of a file, not with its square."""
    (tmp_path / "main.tf").write_text('module "m" {\n' + piece * (100_000 // len(piece)))
    began = process_time()
    survey([tmp_path])
    assert process_time() - began < 3
