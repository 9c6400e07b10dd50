"""The command `colloquy`: what can be typed, and what its options mean.

What a command does is in `gateway.commands`. Rooms that are slow to import are imported by the
commands that need them.
"""

import asyncio
from contextlib import closing
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from typer.core import TyperGroup

from events.log import LogCorrupt, LogTruncated
from gateway.commands import keys, models, replay, talk
from gateway.commands import log as logs
from gateway.commands.records import ServerRecords, address, client_of, open_records, verify_records
from gateway.commands.refusals import WRONG, Refused, in_one_sentence, leave
from gateway.commands.script import parse_script, speakers
from gateway.commands.sound import PLAYERS, Player
from gateway.commands.views import aside
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
app.add_typer(models.app, name="models")
app.add_typer(keys.app, name="keys")

Server = Annotated[
    str | None, typer.Option("--server", metavar="URL", help="A server to ask, wherever it is.")
]
DataDir = Annotated[
    Path | None, typer.Option("--data-dir", help="Where the log and the audio are kept.")
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
    """Serve until interrupted.

    Options win over COLLOQUY_… in the environment, and that over colloquy.toml.
    """
    from gateway.serve import main

    main(_settings(host=host, port=port, data_dir=data_dir, engine=engine))


@app.command()
def down(
    address: Annotated[str, typer.Option(envvar="RAY_ADDRESS", help="Address of the Ray cluster.")],
) -> None:
    """End the actors that servers left running in a Ray cluster; the log is closed first."""
    from actors.cluster import CannotJoin, end

    with in_one_sentence():
        try:
            ended = asyncio.run(end(address))
        except CannotJoin as reason:
            raise Refused(str(reason)) from reason
    typer.echo(f"ended: {', '.join(ended) or 'nothing was running'}")


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
    intensity: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="How much expression is heard; 0 is the plain engine."),
    ] = None,
    markup: Annotated[
        Literal["tags", "ssml"] | None,
        typer.Option(help="What stands in the lines beside their words."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a WAV file instead of playing.")
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Speak a script as one conversation.

    A line that names no speaker is said by the one before; blank lines and # comments are left out.
    A server is started for the duration if none is running.
    """
    lines = parse_script(talk.read_script(script))
    voices = talk.chosen_voices(voice or [], speakers(lines))
    player = None if output else Player.find()
    with talk.server_for(_settings(data_dir=data_dir), server) as client:
        conversation = talk.begin(client, lines, voices, intensity)
        turns = talk.perform(conversation, lines, markup=markup)
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
    """Show a conversation, from its events alone.

    Nothing is synthesised.
    """
    moment = replay.moment(at) if at else None
    with open_records(_settings(data_dir=data_dir), server) as records:
        told = replay.retell(records, conversation, version=at_version, at=moment)
    replay.show(told, as_json=as_json)


@app.command("explain")
def _explain(
    conversation: Annotated[str, typer.Argument(help="Its id.")],
    turn: Annotated[str, typer.Argument(help="Its id, or its number.")],
    as_json: AsJson = False,
    server: Server = None,
) -> None:
    """Say why a turn sounded as it did.

    What bore on it, the rules that directed it, and what was planned beside what was measured in
    its sound. A running server is asked.
    """
    from gateway.commands import explaining

    with client_of(server or address(_settings())) as client:
        told = explaining.explained(client.conversation(conversation), turn)
    explaining.show(told, as_json=as_json)


@app.command()
def verify(server: Server = None, data_dir: DataDir = None) -> None:
    """Check the whole log.

    Ends with 1, and says where, if it is not what was written.
    """
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
    """Print the recorded events.

    Each with its position, time, conversation, version, type and speaker.
    """
    settings = _settings(data_dir=data_dir)
    lines = logs.Lines(words=words, as_json=as_json)
    with open_records(settings, server) as records:
        if follow and isinstance(records, ServerRecords):
            logs.follow(records, lines, conversation, after)
            return
        last = logs.print_log(records, lines, conversation, after)
    if follow:  # the log was free: only a server can add to it, so one is waited for
        url = address(settings)
        with closing(client_of(url)) as client:
            logs.follow(ServerRecords(client, url), lines, conversation, last)


@app.command("import")
def _import(
    file: Annotated[Path, typer.Argument(help="A file, or the directory of a ConvoKit corpus.")],
    form: Annotated[
        str | None, typer.Option("--format", help="jsonl, csv, vtt, srt or convokit.")
    ] = None,
    columns: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="FIELD=COLUMN", help="Such as speaker=who; may be repeated."),
    ] = None,
    began: Annotated[
        str, typer.Option(metavar="TIME", help="The moment that times in seconds count from.")
    ] = "2000-01-01T00:00:00Z",
    server: Server = None,
    data_dir: DataDir = None,
) -> None:
    """Bring in dialogues from elsewhere, as conversations like any other.

    What is there already stays as it is, so an import that broke off is simply begun again. Broken
    lines are reported by their numbers, and the rest goes in. A server is started for the duration
    if none is running.
    """
    from gateway.commands import importing

    source = importing.source_of(
        file, importing.format_of(file, form), importing.columns_of(columns or [])
    )
    moment = replay.moment(began)
    with importing.server_at(_settings(data_dir=data_dir), server) as (url, token):
        outcome = asyncio.run(importing.bring_to(url, token, source, moment, aside()))
    importing.report(outcome, aside())
    if outcome.broken:
        raise typer.Exit(WRONG)


@app.command("plot")
def _plot(
    name: Annotated[str, typer.Argument(help="timeline, talk_share, floor_transfers, …")],
    conversation: Annotated[str | None, typer.Argument(help="Its id; without it, all.")] = None,
    theme: Annotated[str, typer.Option(help="light or dark.")] = "light",
    output: Annotated[
        Path | None, typer.Option(metavar="FILE", help="SVG or PNG, by its name.")
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Draw a plot from the exported log, with a server or without."""
    from gateway.commands import plot

    path = output or Path(f"{name}.svg")
    where = _settings(data_dir=data_dir).data_dir
    plot.save(name, conversation, plot.theme_of(theme), where, path)
    typer.echo(f"Wrote {path}.")


@app.command("report")
def _report(
    conversation: Annotated[str | None, typer.Argument(help="Its id.")] = None,
    since: Annotated[
        str | None, typer.Option(metavar="TIME", help="All with anything recorded since then.")
    ] = None,
    output: Annotated[Path, typer.Option(metavar="FILE", help="HTML.")] = Path("report.html"),
    data_dir: DataDir = None,
) -> None:
    """Write one HTML file: the plots, the tables, and what they come to."""
    from gateway.commands import report

    moment = replay.moment(since) if since else None
    position = report.save(conversation, moment, _settings(data_dir=data_dir).data_dir, output)
    typer.echo(f"Wrote {output}, up to position {position:,} of the log.")


if __name__ == "__main__":
    app()
