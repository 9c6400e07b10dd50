"""`colloquy keys`, as it is typed."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gateway.access import keyfile
from gateway.access.tokens import key_id_of
from gateway.cli import app
from gateway.client import Colloquy
from gateway.commands.own import LOCAL, own
from gateway.settings import read_settings


@pytest.fixture(autouse=True)
def data_dir(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COLLOQUY_API_KEY", raising=False)
    monkeypatch.setenv("COLLOQUY_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


def keys(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["keys", *arguments])


def listed() -> list[dict[str, object]]:
    told: list[dict[str, object]] = json.loads(keys("list", "--json").stdout)
    return told


def test_a_token_is_shown_once_and_alone(data_dir: Path) -> None:
    made = keys("create", "the game")
    assert made.exit_code == 0
    token = made.stdout.strip()
    key_id = key_id_of(token)
    assert key_id is not None
    assert keyfile.read(data_dir / "keys.json").opened_by(token)
    for shown in (keys("list").stdout, keys("list", "--json").stdout, made.stderr):
        assert key_id in shown
        assert token not in shown
        assert token[-64:] not in shown


def test_the_usual_key_may_all_but_administer() -> None:
    keys("create", "usual")
    keys("create", "one", "--scope", "read", "--scope", "speak", "--requests-per-minute", "5")
    usual, one = listed()
    assert usual["scopes"] == ["analyse", "read", "speak"]
    assert one["scopes"] == ["read", "speak"]
    assert one["limits"] == {
        "requests_per_minute": 5,
        "characters_per_minute": None,
        "concurrent_requests": None,
    }
    assert "5 requests" in keys("list").stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("create", "x", "--scope", "speka"), "There is no scope 'speka'; there is speak"),
        (("create", ""), "1 to 128 printable characters"),
        (("revoke", "nobody"), "There is no key nobody"),
        (("renew", "nobody"), "There is no key nobody"),
    ],
)
def test_what_cannot_be_is_one_sentence(arguments: tuple[str, ...], told: str) -> None:
    result = keys(*arguments)
    assert result.exit_code == 2
    assert told in result.stderr
    assert listed() == []


def test_a_revoked_key_stays_on_the_list_and_cannot_be_renewed() -> None:
    token = keys("create", "x").stdout.strip()
    key_id = str(key_id_of(token))
    assert keys("revoke", key_id).exit_code == 0
    (first,) = listed()
    assert first["revoked_at"]
    assert keys("revoke", key_id).exit_code == 0
    assert listed() == [first], "since the first time"
    assert "was revoked" in keys("renew", key_id).stderr


def test_a_renewed_key_is_the_same_with_another_token(data_dir: Path) -> None:
    before = keys("create", "x").stdout.strip()
    after = keys("renew", str(key_id_of(before))).stdout.strip()
    ring = keyfile.read(data_dir / "keys.json")
    assert ring.opened_by(before) is None
    opened = ring.opened_by(after)
    assert opened is not None
    assert opened.id == key_id_of(before)


def test_a_damaged_file_is_one_sentence(data_dir: Path) -> None:
    data_dir.mkdir()
    (data_dir / "keys.json").write_text("{")
    for command in (("list",), ("create", "x")):
        result = keys(*command)
        assert result.exit_code == 2
        assert "keys.json is not a file of keys" in result.stderr


def test_who_has_the_files_needs_no_key_for_a_server_of_their_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = read_settings()
    with own(settings) as (environment, token):
        assert token is None
        assert "COLLOQUY_KEYS_FILE" not in environment
    shown = keys("create", "x").stdout.strip()
    with own(settings) as (environment, token):
        path = Path(environment["COLLOQUY_KEYS_FILE"])
        ring = keyfile.read(path)
        assert token is not None
        opened = ring.opened_by(token)
        assert opened is not None
        assert opened.id == LOCAL
        assert ring.opened_by(shown) is None
    assert not path.exists()
    monkeypatch.setenv("COLLOQUY_API_KEY", shown)
    with own(settings) as (environment, token):
        assert token is None
        assert "COLLOQUY_KEYS_FILE" not in environment


def test_the_client_shows_the_key_it_is_given_or_that_of_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def shown(client: Colloquy) -> str | None:
        return client._line.http.headers.get("Authorization")

    assert shown(Colloquy()) is None
    monkeypatch.setenv("COLLOQUY_API_KEY", "from-outside")
    assert shown(Colloquy()) == "Bearer from-outside"
    assert shown(Colloquy(api_key="given")) == "Bearer given"
