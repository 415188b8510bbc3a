"""What the audit of requirements makes of the answers of pip-audit and npm."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tools import audit

PYTHON = {
    "dependencies": [
        {"name": "flask", "version": "3.1.3", "vulns": [{"id": "PYSEC-1", "fix_versions": ["3.1.4"]}]},
        {"name": "click", "version": "8.5.1", "vulns": []},
        {"name": "numba", "skip_reason": "not found"},
    ]
}
NPM = {
    "vulnerabilities": {
        "uplot": {"via": [{"source": 1097, "title": "Prototype pollution"}]},
        "other": {"via": ["uplot"]},
    }
}
UNREACHED = ({"dependencies": [{"name": "flask", "skip_reason": "not found"}]}, {"message": "405", "error": {}})


def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, answers: tuple[object, object], accepted: str = "") -> int:
    """The audit with tools that answer so, both real programs."""
    for program, answer in zip(("pip-audit", "npm"), answers, strict=True):
        tool = tmp_path / program
        tool.write_text(
            f"#!/bin/sh\ncat <<'E'\n{answer if isinstance(answer, str) else json.dumps(answer)}\nE\nexit 1\n"
        )
        tool.chmod(0o755)
    (tmp_path / "accepted.toml").write_text(accepted)
    monkeypatch.setattr(audit, "ACCEPTED", tmp_path / "accepted.toml")
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))
    return audit.main()


def test_a_finding_fails_the_check(monkeypatch, tmp_path, capsys) -> None:
    assert run(monkeypatch, tmp_path, (PYTHON, NPM)) == 1
    assert capsys.readouterr().out == "flask 3.1.3: PYSEC-1\nuplot: Prototype pollution (1097)\n"


def test_an_accepted_one_does_not(monkeypatch, tmp_path) -> None:
    both = 'PYSEC-1 = "we do not call it"\n1097 = "its input is ours"\n'
    assert run(monkeypatch, tmp_path, (PYTHON, NPM), both) == 0
    assert run(monkeypatch, tmp_path, (PYTHON, NPM), 'PYSEC-1 = "we do not call it"\n') == 1


@pytest.mark.parametrize("answers", [UNREACHED, ("no JSON", "")])
def test_what_cannot_be_reached_is_said_and_fails_nothing(monkeypatch, tmp_path, capsys, answers) -> None:
    assert run(monkeypatch, tmp_path, answers) == 0
    told = capsys.readouterr().out
    assert "pip-audit could not be reached" in told
    assert "npm audit could not be reached" in told
