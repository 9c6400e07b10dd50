"""What can be set, by the environment (`COLLOQUY_PORT=…`) or a file (`port = …` in colloquy.toml).

The environment wins over the file, the file over the defaults.
"""

import os
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from actors.cluster import ClusterSettings
from analytics.sandbox import Limits
from gateway.access import keyfile
from gateway.access.keys import Limits as KeyLimits
from gateway.traces import endpoint

PREFIX = "COLLOQUY_"
DEFAULT_FILE = "colloquy.toml"
API_KEY = f"{PREFIX}API_KEY"
"""The token that clients show; no setting of the server."""


class InvalidSettings(Exception):
    """Some settings are wrong; the message has a line for each, with what would be right."""


class Settings(BaseSettings):
    """All settings; `extra` names are refused, so that a slip of the pen is not ignored."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True)

    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8354, ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
    data_dir: Path = Field(Path("data"), description="Where the log and the audio are kept.")
    model_dir: Path = Field(Path("models"), description="Where Kokoro's files are looked for.")
    engine: Literal["auto", "kokoro", "espeak", "scripted"] = Field(
        "auto", description="`auto` takes Kokoro if its files are there, else espeak."
    )
    workers: int = Field(2, ge=1, le=256, description="Synthesis processes, at the least.")
    max_workers: int | None = Field(
        None, ge=1, le=256, description="Synthesis processes under load; none: no more than those."
    )
    worker_quiet_s: float = Field(
        60, ge=0.1, le=86_400, description="Seconds of little load until one more is let go."
    )
    max_load: float = Field(
        0.9,
        gt=0,
        le=1000,
        description="Share of the workers that talkers may claim; who would need more gets 429.",
    )
    threads_per_worker: int = Field(
        1,
        ge=1,
        le=64,
        description="Phrases that one worker speaks at a time, each on one core.",
    )
    device: Literal["auto", "cuda", "rocm", "coreml", "directml", "cpu"] = Field(
        "auto", description="What Kokoro computes on; `auto` takes the best that works here."
    )
    gpus_per_worker: float = Field(0, ge=0, le=8, description="GPUs that a worker claims from Ray.")
    max_phrases_waiting: int = Field(
        256, ge=1, le=100_000, description="Phrases that may wait for a worker; more get 429."
    )
    max_awake: int = Field(
        16, ge=1, le=10_000, description="Conversation processes, some 60 MB each."
    )
    warm: int = Field(2, ge=0, le=1000, description="Idle conversation processes kept at hand.")
    sleep_after_s: float = Field(
        60, ge=0.1, le=86_400, description="Seconds without a request until a conversation sleeps."
    )
    expression_step: float = Field(
        1,
        ge=0,
        le=10,
        description="How far expression moves from a voice's line to its next: times 3 semitones, "
        "1.4 in range, 1.12 in rate, 3 dB.",
    )
    max_text_chars: int = Field(4096, ge=1, le=1_000_000, description="Longest text of one turn.")
    max_body_mb: float = Field(26, gt=0, le=1024, description="Largest request, in megabytes.")
    max_audio_s: float = Field(
        300, ge=1, le=3600, description="Seconds of sound that one heard turn may have."
    )
    ray_address: str | None = Field(
        None, description="Ray cluster to join, also as RAY_ADDRESS; none starts one here."
    )
    ray_cpus: int | None = Field(None, ge=1, description="CPUs to tell a local Ray of.")
    object_store_mb: int = Field(
        256, ge=78, le=1_000_000, description="Ray's shared memory, in megabytes."
    )
    analytics_processes: int = Field(
        2, ge=1, le=64, description="Questions in SQL that are answered at the same time."
    )
    analytics_seconds: float = Field(
        10, ge=0.1, le=600, description="Seconds that the answer to a question in SQL may take."
    )
    analytics_memory_mb: int = Field(
        512, ge=64, le=65_536, description="Memory for the answer to a question, in megabytes."
    )
    analytics_rows: int = Field(
        10_000, ge=1, le=10_000_000, description="Rows of an answer at the most; more are cut off."
    )
    analytics_answer_mb: float = Field(
        16, gt=0, le=1024, description="Columns of an answer at the most, in megabytes."
    )
    archive_every_s: float = Field(
        3600,
        ge=0,
        description="Seconds between bringing the archive of history up to date; 0 never does.",
    )
    keys_file: Path | None = Field(
        None, description="The file of API keys; `keys.json` in the data directory by default."
    )
    allow_without_keys: bool = Field(
        False, description="Whether to listen beyond loopback although there are no API keys."
    )
    key_requests_per_minute: int = Field(
        3000, ge=1, description="Requests a minute of a key that has no limit of its own."
    )
    key_characters_per_minute: int = Field(
        200_000, ge=1, description="Characters to be spoken a minute, likewise."
    )
    key_concurrent_requests: int = Field(
        200, ge=1, description="Requests and connections under way at a time, likewise."
    )
    allow_origins: str = Field(
        "", description="Origins whose pages may call, separated by commas; `*` stands for all."
    )
    traces_to: str | None = Field(
        None,
        description="Where traces are sent, as OTLP over HTTP: `http://127.0.0.1:4318/v1/traces`, "
        "say; none sends none.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="How much the server says."
    )
    log_format: Literal["logfmt", "json"] = Field(
        "logfmt", description="How it writes it, one line an entry."
    )

    @field_validator("ray_address", mode="before")
    @classmethod
    def _from_ray(cls, value: str | None) -> str | None:
        return value or None

    @field_validator("traces_to")
    @classmethod
    def _to_a_collector(cls, value: str | None) -> str | None:
        return endpoint(value) if value else None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        file = TomlConfigSettingsSource(settings_cls, toml_file=_file())
        return init_settings, env_settings, file

    @property
    def origins(self) -> tuple[str, ...]:
        """Of `allow_origins`."""
        return tuple(filter(None, (name.strip() for name in self.allow_origins.split(","))))

    @property
    def file_of_keys(self) -> Path:
        return self.keys_file or self.data_dir / keyfile.NAME

    def key_limits(self) -> KeyLimits:
        """Of keys that have none of their own."""
        return KeyLimits(
            requests_per_minute=self.key_requests_per_minute,
            characters_per_minute=self.key_characters_per_minute,
            concurrent_requests=self.key_concurrent_requests,
        )

    def question_limits(self) -> Limits:
        """Of a question in SQL."""
        return Limits(
            seconds=self.analytics_seconds,
            memory_mb=self.analytics_memory_mb,
            rows=self.analytics_rows,
            megabytes=self.analytics_answer_mb,
        )

    def cluster(self) -> ClusterSettings:
        """What the actors need of it."""
        return ClusterSettings(
            data_dir=self.data_dir.resolve(),
            model_dir=self.model_dir.resolve(),
            engine=self.engine,
            workers=self.workers,
            most_workers=max(self.workers, self.max_workers or 0),
            worker_quiet_s=self.worker_quiet_s,
            max_load=self.max_load,
            threads_per_worker=self.threads_per_worker,
            device=self.device,
            gpus_per_worker=self.gpus_per_worker,
            most_phrases_waiting=self.max_phrases_waiting,
            most_awake=self.max_awake,
            warm=self.warm,
            sleep_after_s=self.sleep_after_s,
            expression_step=self.expression_step,
            most_audio_s=self.max_audio_s,
            object_store_mb=self.object_store_mb,
            cpus=self.ray_cpus,
            address=self.ray_address,
            traces_to=self.traces_to,
        )


def read_settings(**overrides: object) -> Settings:
    """The settings of this process.

    Raises:
        InvalidSettings: names each wrong one, and what would be right.
    """
    _refuse_unknown_names()
    overrides.setdefault(
        "ray_address", os.environ.get(f"{PREFIX}RAY_ADDRESS", os.environ.get("RAY_ADDRESS"))
    )
    try:
        return Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        raise InvalidSettings("\n".join(map(_line, error.errors()))) from None
    except ValueError as error:  # the file is not TOML
        raise InvalidSettings(f"{_file()} cannot be read: {error}") from None


def _file() -> Path:
    return Path(os.environ.get(f"{PREFIX}CONFIG", DEFAULT_FILE))


def _refuse_unknown_names() -> None:
    known = {f"{PREFIX}{name}".upper() for name in Settings.model_fields} | {f"{PREFIX}CONFIG"}
    given = {name for name in os.environ if name.startswith(PREFIX)} - {API_KEY}
    unknown = sorted(given - known)
    if unknown:
        names = ", ".join(sorted(known))
        raise InvalidSettings(f"no setting is called {', '.join(unknown)}; there are {names}")


def _line(error: object) -> str:
    details = dict(error)  # type: ignore[call-overload]
    name = ".".join(map(str, details["loc"]))
    return f"{PREFIX}{name.upper()}: {details['msg']} (it is {details['input']!r})"
