"""The command `colloquy`: what can be typed, and what its options mean.

What a command does is in `gateway.commands`. Rooms that are slow to import are imported by the
commands that need them.
"""

import sys
from contextlib import closing
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from actors.engines.models import PUBLISHED_AT
from events.log import LogCorrupt, LogTruncated
from gateway.commands import log as logs
from gateway.commands import models, replay, talk
from gateway.commands.records import (
    ServerRecords,
    address,
    client_of,
    open_records,
    verify_records,
)
from gateway.commands.refusals import WRONG, Refused, in_one_sentence, leave
from gateway.commands.script import parse_script, speakers
from gateway.commands.sound import PLAYERS, Player
from gateway.settings import Settings, read_settings


class _Commands(TyperGroup):
    """Commands whose refusals are sentences."""

    def invoke(self, ctx: Any) -> Any:
        with in_one_sentence():
            return super().invoke(ctx)


app = typer.Typer(
    cls=_Commands,
    help="Text to speech that remembers the conversation.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
models_app = typer.Typer(help="The files of the Kokoro voice model.", no_args_is_help=True)
app.add_typer(models_app, name="models")

Server = Annotated[
    str | None, typer.Option("--server", metavar="URL", help="A server to ask, wherever it is.")
]
DataDir = Annotated[
    Path | None, typer.Option("--data-dir", help="Where the log and the audio are kept.")
]
ModelDir = Annotated[
    Path | None, typer.Option("--model-dir", help="Where the model files are looked for.")
]
AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]


def _settings(**given: object) -> Settings:
    return read_settings(**{name: value for name, value in given.items() if value is not None})


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"colloquy {version('colloquy')}")
        raise typer.Exit


@app.callback()
def _root(
    _: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version and end."
        ),
    ] = False,
) -> None:
    pass


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0 takes a free one.")] = None,
    data_dir: DataDir = None,
    engine: Annotated[str | None, typer.Option(help="auto, kokoro or espeak.")] = None,
) -> None:
    """Serve until interrupted; options win over COLLOQUY_… and colloquy.toml."""
    from gateway.serve import main

    main(_settings(host=host, port=port, data_dir=data_dir, engine=engine))


@app.command("talk")
def _talk(
    script: Annotated[
        Path | None, typer.Argument(help="Lines such as `ann: Hello.`; without it, what is piped.")
    ] = None,
    server: Server = None,
    voice: Annotated[
        list[str] | None,
        typer.Option(metavar="SPEAKER=VOICE", help="Such as ann=af_heart; may be repeated."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a WAV file instead of playing.")
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Speak a script, line by line, as one conversation.

    A line that names no speaker is said by the one before; blank lines and # comments are left out.
    A server is started for the duration if none is running.
    """
    lines = parse_script(_read(script))
    voices = _voices(voice or [], speakers(lines))
    player = None if output else Player.find()
    with talk.server_for(_settings(data_dir=data_dir), server) as client:
        conversation = talk.begin(client, lines, voices)
        turns = talk.perform(conversation, lines)
        kept, heard = talk.play(turns, player) if player else (talk.record(turns), False)
    if not heard:
        path = output or talk.DEFAULT_FILE
        kept.save(path)
        why = "" if output or player else f" No player was found ({', '.join(PLAYERS)})."
        typer.echo(f"Wrote {path} ({kept.seconds:.1f} s).{why}")
    typer.echo(f"Conversation {conversation.id}: see `colloquy replay {conversation.id}`.")


@app.command("replay")
def _replay(
    conversation: Annotated[str, typer.Argument(help="Its id.")],
    at_version: Annotated[
        int | None, typer.Option("--version", min=1, help="As it was after so many events.")
    ] = None,
    at: Annotated[
        str | None, typer.Option(metavar="TIME", help="As it was then, 2026-03-01T12:00:00Z say.")
    ] = None,
    as_json: AsJson = False,
    server: Server = None,
    data_dir: DataDir = None,
) -> None:
    """Show a conversation again from its events alone; nothing is synthesised."""
    moment = replay.moment(at) if at else None
    with open_records(_settings(data_dir=data_dir), server) as records:
        told = replay.retell(records, conversation, version=at_version, at=moment)
    replay.show(told, as_json=as_json)


@app.command()
def verify(server: Server = None, data_dir: DataDir = None) -> None:
    """Check the whole log; ends with 1, and says where, if it is not what was written."""
    try:
        outcome = verify_records(_settings(data_dir=data_dir), server)
    except (LogCorrupt, LogTruncated) as damage:
        leave(str(damage), WRONG)
    logs.print_verification(outcome)
    if not outcome.content:
        raise typer.Exit(WRONG)


@app.command("log")
def _log(
    follow: Annotated[bool, typer.Option("--follow", help="Go on, as events come.")] = False,
    conversation: Annotated[str | None, typer.Option(metavar="ID", help="Only this one.")] = None,
    after: Annotated[
        int, typer.Option(min=0, metavar="N", help="Only events above this position.")
    ] = 0,
    words: Annotated[bool, typer.Option("--words", help="Also what was said.")] = False,
    as_json: AsJson = False,
    server: Server = None,
    data_dir: DataDir = None,
) -> None:
    """Print events: position, time, conversation, version, type, speaker."""
    settings = _settings(data_dir=data_dir)
    lines = logs.Lines(words=words, as_json=as_json)
    with open_records(settings, server) as records:
        last = logs.print_log(records, lines, conversation, after)
        if follow and isinstance(records, ServerRecords):
            logs.follow(records, lines, conversation, after)
    if follow:  # the log was free: only a server can add to it, so one is waited for
        url = address(settings)
        with closing(client_of(url)) as client:
            logs.follow(ServerRecords(client, url), lines, conversation, last)


@models_app.command("list")
def _list(model_dir: ModelDir = None) -> None:
    """Say what is found where, and which engine `auto` takes."""
    models.list_models(_settings(model_dir=model_dir).model_dir)


@models_app.command("fetch")
def _fetch(
    model_dir: ModelDir = None,
    source: Annotated[
        str, typer.Option("--from", metavar="URL", help="Where the files are published.")
    ] = PUBLISHED_AT,
) -> None:
    """Fetch what is not there yet (354 MB), going on where an earlier attempt ended."""
    models.fetch_models(_settings(model_dir=model_dir).model_dir, source)


@models_app.command("check")
def _check(model_dir: ModelDir = None) -> None:
    """Compare the files with what was published; ends with 1 if one of them is not right."""
    if not models.check_models(_settings(model_dir=model_dir).model_dir):
        raise typer.Exit(WRONG)


def _read(script: Path | None) -> str:
    try:
        raw = sys.stdin.buffer.read() if script is None else script.read_bytes()
        return raw.decode()
    except OSError as error:
        raise Refused(f"Cannot read {script} ({error.strerror}); name a file of lines.") from error
    except UnicodeDecodeError as error:
        raise Refused(f"The script is not UTF-8 at byte {error.start}; save it as that.") from error


def _voices(given: list[str], known: list[str]) -> dict[str, str]:
    voices = dict(pair.split("=", 1) for pair in given if "=" in pair)
    for pair in given:
        if "=" not in pair:
            raise Refused(f"--voice {pair} names no voice; write it as {known[0]}=af_heart.")
    for speaker in voices.keys() - set(known):
        raise Refused(f"Nobody called {speaker!r} speaks; there are {', '.join(known)}.")
    return voices


if __name__ == "__main__":
    app()
