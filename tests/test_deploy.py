"""The systemd unit in deploy/, read by systemd itself. tests/web/test_nginx.py has the configuration of nginx."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
UNIT = ROOT / "deploy" / "texture-lab.service"
needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd")


def verified(unit: str, folder: Path) -> str:
    """What systemd has to say of a unit whose places are on this machine; nothing where all is well."""
    unit = unit.replace("/srv/texture-lab/.venv/bin/python", sys.executable).replace("User=texture", "User=root")
    (folder / UNIT.name).write_text(unit)
    told = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(folder / UNIT.name)],
        capture_output=True,
        text=True,
        check=False,
    )
    return "\n".join(line for line in told.stderr.splitlines() if UNIT.name in line)


@needs_systemd
def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    assert verified(UNIT.read_text(), tmp_path) == ""


@needs_systemd
@pytest.mark.parametrize("line", ["TimeoutStopSec=", "Restart=", "ProtectSystem="])
def test_it_would_say_so_otherwise(tmp_path: Path, line: str) -> None:
    unit = UNIT.read_text()
    assert line in unit
    assert "no-such-value" in verified(unit.replace(line, f"{line}no-such-value-"), tmp_path)
