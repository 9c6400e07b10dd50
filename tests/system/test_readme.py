"""The README's commands work as written."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.system.serving import Server

README = (Path(__file__).parents[2] / "README.md").read_text()


def block(language: str, containing: str) -> str:
    blocks = re.findall(rf"^```{language}\n(.*?)^```", README, re.M | re.S)
    return next(text for text in blocks if containing in text)


def test_one_minute_of_curl(server: Server, tmp_path: Path) -> None:
    script = block("sh", "base=").replace("http://127.0.0.1:8354", server.url)
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert '"error"' not in done.stdout
    assert "x-response-gap-ms: 70" in done.stdout.lower()
    assert (tmp_path / "answer.wav").read_bytes()[:4] == b"RIFF"


@pytest.mark.parametrize("containing", ["from gateway.client", "OpenAI("])
def test_the_python_examples(server: Server, tmp_path: Path, containing: str) -> None:
    imports = "from openai import OpenAI\n" if "OpenAI(" in containing else ""
    example = imports + block("python", containing)
    example = example.replace("Colloquy() as", f"Colloquy({server.url!r}) as")
    example = example.replace("http://127.0.0.1:8354", server.url)
    done = subprocess.run(
        [sys.executable, "-c", example],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env=os.environ,
    )
    assert done.returncode == 0, done.stderr
