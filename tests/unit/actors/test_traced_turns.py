"""A turn as its trace shows it, whoever's requests it travelled with."""

import asyncio
from collections.abc import Iterator

import pytest

from actors import tracing
from actors.cluster.exchange import Exchange
from actors.cluster.line import Line
from actors.commands import Dictate, Hear, Speak
from actors.engines.scripted import ScriptedEngine
from actors.host import Asked, ConversationHost
from actors.synthesis.worker import SynthesisWorker
from actors.tracing import Traced
from events.direction import Phrase
from tests.fakes.tracer import FakeTracer, Told, tracing_by
from tests.unit.actors.stagecraft import LINE, Scene


@pytest.fixture
def tracer() -> Iterator[FakeTracer]:
    tracer = FakeTracer()
    with tracing_by(tracer):
        yield tracer


async def test_a_turn_hangs_at_its_request_and_its_appends_at_it(tracer: FakeTracer) -> None:
    scene = await Scene().begin()
    with tracing.span("request"):
        spoken = await scene.speak()
    assert spoken.sound is not None
    sound_s = sum([len(piece) async for piece in spoken.sound]) / 48_000
    (request,), (turn,) = tracer.named("request"), tracer.named("turn")
    assert tracer.parent_of(turn) is request
    assert turn.ended
    assert turn.measures["turn_id"] == "t1"
    assert turn.measures["sound_s"] == pytest.approx(sound_s)
    ours = [span for span in tracer.named("append") if span.trace == request.trace]
    assert [tracer.parent_of(append) for append in ours] == [request, turn]
    for append in ours:
        (commit,) = [it for it in tracer.named("commit") if it.parent == append.number]
        assert commit.measures == {"appends": 1}


async def test_what_is_written_together_stays_in_its_own_trace(tracer: FakeTracer) -> None:
    scene = await Scene().begin()
    scene.journal.hold()

    async def asked(name: str) -> None:
        with tracing.span(name):
            await scene.speak(turn_id=name)

    asking = [asyncio.create_task(asked(name)) for name in ("one", "two", "three")]
    await asyncio.sleep(0.01)
    scene.journal.free()
    await asyncio.gather(*asking)
    turns = {str(turn.measures["turn_id"]): turn for turn in tracer.named("turn")}
    assert {name: _name(tracer.parent_of(turn)) for name, turn in turns.items()} == {
        name: name for name in ("one", "two", "three")
    }


def _name(span: Told | None) -> str | None:
    return span.name if span else None


async def test_requests_that_travel_together_keep_their_places(tracer: FakeTracer) -> None:
    scene = Scene()
    host = ConversationHost(scene.means, scene.clock)
    await scene.begin()
    await host.take("c")
    dictated: list[Asked] = []
    for name in ("t1", "t2"):
        with tracing.span(name):
            dictated.append(tracing.traced(Dictate(Speak(name, "ann", "Well, yes."), 0, True)))
    assert all(isinstance(request, Traced) for request in dictated)
    answers = await host.ask("c", dictated)
    assert not [answer for answer in answers if isinstance(answer, BaseException)]
    for name in ("t1", "t2"):
        async for _ in host.hear("c", Hear(name, "listener", 0)):
            pass
    parents = {turn.measures["turn_id"]: tracer.parent_of(turn) for turn in tracer.named("turn")}
    assert {name: _name(parent) for name, parent in parents.items()} == {"t1": "t1", "t2": "t2"}


async def test_a_call_goes_on_where_it_was_asked(tracer: FakeTracer) -> None:
    places: list[str | None] = []

    async def call() -> None:
        places.append(tracing.here())

    async def stream():  # type: ignore[no-untyped-def]
        for _ in range(2):
            places.append(tracing.here())
            yield None

    exchange = Exchange({"call": call, "stream": stream}, "127.0.0.1")
    line = Line(exchange.endpoint)
    await line.call("call")
    with tracing.span("asks") as span:
        assert isinstance(span, Told)
        await line.call("call")
        async for _ in line.stream("stream"):
            pass
    line.close()
    await exchange.close()
    assert places == [None, *[str(span.number)] * 3]


def test_a_worker_tells_how_much_sound_it_made_and_for_how_long(tracer: FakeTracer) -> None:
    worker = SynthesisWorker(ScriptedEngine(sleep=lambda _: None))
    with tracing.span("turn") as turn:
        place = tracing.here()
    phrase = Phrase(text="One, two, three.")
    pcm = b"".join(sound.pcm for sound in worker.synthesise(1, phrase, "af_heart", place=place))
    (synthesis,) = tracer.named("synthesise")
    assert tracer.parent_of(synthesis) is turn
    assert synthesis.measures["characters"] == len(phrase.text)
    assert synthesis.measures["sound_s"] == pytest.approx(len(pcm) / 48_000)
    assert synthesis.ended


async def test_no_word_is_told_to_a_span(tracer: FakeTracer) -> None:
    scene = await Scene().begin()
    with tracing.span("request"):
        spoken = await scene.speak()
    assert spoken.sound is not None
    async for _ in spoken.sound:
        pass
    told = repr([list(span.measures.values()) for span in tracer.spans])
    assert not [word for word in LINE.text.split() if len(word) > 3 and word in told]
