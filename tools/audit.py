"""Look for known vulnerabilities in the pinned requirements: `python tools/audit.py`, part of `make check`.

pip-audit asks the Python package index, npm its registry. If one cannot be reached, it says so and nothing fails. A
finding fails the check until the requirement is upgraded or the finding is accepted by a line `ID = "why it does not
concern us"` in tools/accepted_findings.toml.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
ACCEPTED = ROOT / "tools" / "accepted_findings.toml"
PIP = ("pip-audit", "--no-deps", "--disable-pip", "--progress-spinner=off", "--timeout=10", "-f", "json")
FILES = ("requirements.txt", "requirements-scale.txt", "requirements-dev.txt")
NPM = ("npm", "audit", "--json", "--fetch-retries=0", "--fetch-timeout=10000")
WITHIN = 180  # seconds for either

Finding = tuple[str, str]  # its id, and a line about it


def python_findings(answer: Any) -> Iterator[Finding] | None:
    """Of pip-audit's answer; None where it could look nothing up."""
    audited = [it for it in answer.get("dependencies", ()) if "vulns" in it]
    if not audited:
        return None
    return ((v["id"], f"{it['name']} {it['version']}: {v['id']}") for it in audited for v in it["vulns"])


def npm_findings(answer: Any) -> Iterator[Finding] | None:
    """Of npm's answer; None where it could look nothing up."""
    if "vulnerabilities" not in answer:
        return None
    found = answer["vulnerabilities"].items()
    causes = ((name, via) for name, it in found for via in it["via"] if isinstance(via, dict))
    return ((str(via["source"]), f"{name}: {via['title']} ({via['source']})") for name, via in causes)


def ask(command: Sequence[str]) -> Any:
    """What a tool answers in JSON; an empty object where it is missing or answers nothing of the kind."""
    beside = Path(sys.executable).with_name(command[0])
    program = str(beside) if beside.exists() else shutil.which(command[0])
    if program is None:
        return {}
    try:
        done = subprocess.run([program, *command[1:]], cwd=ROOT, capture_output=True, timeout=WITHIN, check=False)
        return json.loads(done.stdout)
    except (subprocess.TimeoutExpired, ValueError):
        return {}


def main() -> int:
    """1 where there is a finding that nobody has accepted."""
    accepted = tomllib.loads(ACCEPTED.read_text(encoding="utf-8"))
    files = [argument for file in FILES for argument in ("-r", file)]
    audits = {"pip-audit": python_findings(ask([*PIP, *files])), "npm audit": npm_findings(ask(NPM))}
    for name, found in audits.items():
        if found is None:
            print(f"{name} could not be reached: nothing was looked up")
    open_ones = [line for found in audits.values() for id, line in found or () if id not in accepted]
    print("\n".join(open_ones))
    return 1 if open_ones else 0


if __name__ == "__main__":
    sys.exit(main())
