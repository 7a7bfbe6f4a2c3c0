"""A terraform and a checkov that are content with everything at once: for tests of what is said besides them."""

from pathlib import Path

_PROGRAMS = {
    "terraform": """\
case "$1" in
version) echo "Terraform v1.9.0" ;;
validate) echo '{"format_version": "1.0", "valid": true, "error_count": 0, "diagnostics": []}' ;;
esac""",
    "checkov": """\
case "$1" in
--version) echo "3.2.0" ;;
*) echo '{"results": {"passed_checks": [{}], "failed_checks": [], "skipped_checks": [], "parsing_errors": []}}' ;;
esac""",
}


def passing_tools(folder: Path) -> tuple[str, ...]:
    """Write both into a folder, and return the options of a command that name them."""
    folder.mkdir()
    options: list[str] = []
    for name, text in _PROGRAMS.items():
        program = folder / name
        program.write_text(f"#!/bin/sh\n{text}\n")
        program.chmod(0o755)
        options += [f"--{name}", str(program)]
    return tuple(options)
