"""`colloquy talk`: a script, spoken as one conversation."""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from gateway.child import leaving_on_sigterm, running_server
from gateway.client import Colloquy, ColloquyError, Conversation
from gateway.commands.own import own
from gateway.commands.records import address, client_of
from gateway.commands.refusals import Refused
from gateway.commands.script import Line, opening_words, speakers
from gateway.commands.sound import CannotPlay, Player, Recording
from gateway.commands.views import aside
from gateway.settings import Settings

DEFAULT_FILE = Path("talk.wav")


@dataclass(frozen=True, slots=True)
class Spoken:
    """A line as it came back."""

    line: Line
    turn_id: str
    pcm: bytes
    gap_ms: int
    """The pause that belongs before it."""


def read_script(script: Path | None) -> str:
    """The text of a file, or else what is piped; raises `Refused` if it is none."""
    try:
        raw = sys.stdin.buffer.read() if script is None else script.read_bytes()
        return raw.decode()
    except OSError as error:
        raise Refused(f"Cannot read {script} ({error.strerror}); name a file of lines.") from error
    except UnicodeDecodeError as error:
        raise Refused(f"The script is not UTF-8 at byte {error.start}; save it as that.") from error


def chosen_voices(given: Sequence[str], known: Sequence[str]) -> dict[str, str]:
    """Voices by speaker, from `speaker=voice`; raises `Refused` for one that nobody can have."""
    for pair in given:
        speaker, equals, voice = pair.partition("=")
        if not equals or not voice:
            raise Refused(f"--voice {pair} names no voice; write it as {known[0]}=af_heart.")
        if speaker not in known:
            raise Refused(f"Nobody called {speaker!r} speaks; there are {', '.join(known)}.")
    return dict(pair.split("=", 1) for pair in given)


def begin(
    client: Colloquy,
    lines: Sequence[Line],
    voices: Mapping[str, str] | None = None,
    intensity: float | None = None,
) -> Conversation:
    """Start a conversation of everybody in a script."""
    chosen = voices or {}
    return client.start(
        [
            {"id": speaker, "voice": chosen[speaker]} if speaker in chosen else speaker
            for speaker in speakers(list(lines))
        ],
        intensity=intensity,
    )


def perform(
    conversation: Conversation,
    lines: Sequence[Line],
    out: Console | None = None,
    markup: str | None = None,
) -> Iterator[Spoken]:
    """Have line after line spoken; each is asked for when the caller is done with the last.

    A progress bar is kept on `out`. Whoever prints meanwhile prints there, or into the bar.
    """
    with _bar(out or aside()) as bar:
        task = bar.add_task("", total=len(lines))
        for line in lines:
            bar.update(task, description=f"{line.speaker}: {opening_words(line.text)}")
            asked = conversation.speak(
                line.text, line.speaker, response_format="pcm", markup=markup
            )
            with asked as speech:
                pcm = speech.read()
            yield Spoken(line, speech.turn_id or "", pcm, speech.response_gap_ms or 0)
            bar.advance(task)


def play(
    turns: Iterator[Spoken], player: Player, clock: Callable[[], float] = monotonic
) -> tuple[Recording, bool]:
    """Play turns as they come, and keep them; False if the player failed and not all was heard.

    Of the pause before a turn, what its synthesis took is gone already.
    """
    kept, sounding, ended = Recording(), True, clock()
    for turn in turns:
        kept.add(turn.pcm, turn.gap_ms)
        if sounding:
            waited_ms = round((clock() - ended) * 1000)
            sounding = _played(player, turn.pcm, turn.gap_ms - waited_ms)
            ended = clock()
    return kept, sounding


def record(turns: Iterator[Spoken]) -> Recording:
    """Keep turns as one sound."""
    kept = Recording()
    for turn in turns:
        kept.add(turn.pcm, turn.gap_ms)
    return kept


@contextmanager
def server_for(settings: Settings, server: str | None) -> Iterator[Colloquy]:
    """The server that is named, or the one that these settings speak of, or else one of our own.

    Raises:
        ColloquyError: the named server does not answer.
        ServerFailed: none could be started.
    """
    with client_of(server or address(settings)) as client:
        if _answers(client, must=server is not None):
            yield client
            return
    with own(settings) as (environment, token), own_server(environment, token) as client:
        yield client


@contextmanager
def own_server(settings: Mapping[str, str], token: str | None = None) -> Iterator[Colloquy]:
    """A server that is there for the duration; raises `ServerFailed` if it does not come up."""
    status = aside().status("Starting a server …")
    with leaving_on_sigterm():
        status.start()
        try:
            with running_server(settings) as url, client_of(url, token) as client:
                status.stop()
                yield client
                status.update("Ending the server …")
                status.start()
        finally:
            status.stop()


def _answers(client: Colloquy, *, must: bool) -> bool:
    """Whether a server is there. One that is there but not ready is not to be passed over."""
    try:
        ready = client.ready()
    except ColloquyError:
        if must:
            raise
        return False
    if not ready:
        raise Refused("The server is there but not ready yet; ask again in a moment.")
    return True


def _played(player: Player, pcm: bytes, pause_ms: int) -> bool:
    try:
        player.play(pcm, pause_ms)
    except CannotPlay as error:
        aside().print(f"{error}; the sound goes to a file.", style="yellow", markup=False)
        return False
    return True


def _bar(out: Console) -> Progress:
    said = TextColumn("{task.description}", markup=False)
    columns = (said, BarColumn(), MofNCompleteColumn())
    return Progress(*columns, console=out, transient=True, disable=not out.is_terminal)
