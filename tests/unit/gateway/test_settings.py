from pathlib import Path

import pytest
from pydantic import ValidationError

from gateway.settings import InvalidSettings, Settings, read_settings


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("RAY_ADDRESS", *(f"COLLOQUY_{field}".upper() for field in Settings.model_fields)):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv("COLLOQUY_CONFIG", raising=False)


def test_without_a_word_it_listens_on_loopback() -> None:
    settings = read_settings()
    assert (settings.host, settings.port) == ("127.0.0.1", 8354)
    assert settings.max_text_chars == 4096


def test_the_environment_wins_over_the_file_and_the_file_over_the_defaults(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "colloquy.toml").write_text("port = 9000\nworkers = 3\n")
    monkeypatch.setenv("COLLOQUY_PORT", "9001")
    settings = read_settings()
    assert (settings.port, settings.workers, settings.warm) == (9001, 3, 2)


def test_a_file_elsewhere_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "other.toml").write_text('engine = "espeak"\n')
    monkeypatch.setenv("COLLOQUY_CONFIG", str(tmp_path / "other.toml"))
    assert read_settings().engine == "espeak"


def test_a_slip_of_the_pen_is_not_ignored(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("COLLOQUY_PROT", "1")
    with pytest.raises(InvalidSettings, match=r"COLLOQUY_PROT.*COLLOQUY_PORT"):
        read_settings()
    monkeypatch.delenv("COLLOQUY_PROT")
    (tmp_path / "colloquy.toml").write_text("prot = 1\n")
    with pytest.raises(InvalidSettings, match="COLLOQUY_PROT"):
        read_settings()


def test_every_wrong_setting_is_named_with_its_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLLOQUY_PORT", "70000")
    monkeypatch.setenv("COLLOQUY_ENGINE", "siren")
    with pytest.raises(InvalidSettings) as refused:
        read_settings()
    lines = str(refused.value).splitlines()
    assert [line.split(":")[0] for line in lines] == ["COLLOQUY_PORT", "COLLOQUY_ENGINE"]
    assert "70000" in lines[0]
    assert "kokoro" in lines[1]


def test_a_file_that_is_no_toml_is_named(tmp_path: Path) -> None:
    (tmp_path / "colloquy.toml").write_text("port = = 1\n")
    with pytest.raises(InvalidSettings, match=r"colloquy\.toml cannot be read"):
        read_settings()


def test_rays_own_address_is_taken_where_ours_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAY_ADDRESS", "ray:1")
    assert read_settings().ray_address == "ray:1"
    monkeypatch.setenv("COLLOQUY_RAY_ADDRESS", "ours:1")
    assert read_settings().ray_address == "ours:1"


def test_the_actors_are_told_absolute_places(tmp_path: Path) -> None:
    cluster = read_settings(data_dir="d", workers=4).cluster()
    assert cluster.data_dir == tmp_path / "d"
    assert cluster.workers == 4


@pytest.mark.parametrize("wrong", [-0.1, 11])
def test_how_far_a_voice_moves_has_its_bounds(wrong: float) -> None:
    assert read_settings(expression_step=0.5).cluster().expression_step == 0.5
    with pytest.raises(InvalidSettings, match="COLLOQUY_EXPRESSION_STEP"):
        read_settings(expression_step=wrong)


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError):
        read_settings().port = 1  # type: ignore[misc]
