import io
from collections.abc import Iterable

import av
import numpy as np
import pytest

from actors.engines.base import SAMPLE_RATE
from gateway.vendors.output import OPUS_RATE, RATES, Output, OutputFormat

TENTH = SAMPLE_RATE // 10 * 2  # bytes

RAW = [OutputFormat("s16le", rate) for rate in RATES] + [
    OutputFormat("f32le", 24_000),
    OutputFormat("f32le", 44_100),
    OutputFormat("mulaw", 8_000),
    OutputFormat("alaw", 8_000),
]
WAV = [OutputFormat(f.encoding, f.sample_rate, "wav") for f in RAW]
LOSSY = [
    OutputFormat("mp3", 22_050, bit_rate=32_000),
    OutputFormat("mp3", 44_100, bit_rate=128_000),
    OutputFormat("opus", OPUS_RATE, bit_rate=64_000),
]
DEMUXERS = {"s16le": "s16le", "f32le": "f32le", "mulaw": "mulaw", "alaw": "alaw"}


def named(wanted: OutputFormat) -> str:
    return f"{wanted.container}-{wanted.encoding}-{wanted.sample_rate}"


each = pytest.mark.parametrize("wanted", RAW + WAV + LOSSY, ids=named)


def tone(samples: int, hz: float = 440) -> bytes:
    wave = np.sin(2 * np.pi * hz * np.arange(samples) / SAMPLE_RATE) * 8000
    return bytes(wave.astype("<i2").tobytes())


def cut(pcm: bytes, size: int) -> Iterable[bytes]:
    return (pcm[start : start + size] for start in range(0, len(pcm), size))


def encoded(wanted: OutputFormat, pieces: Iterable[bytes]) -> bytes:
    output = Output(wanted)
    return b"".join([output.encode(piece) for piece in pieces] + [output.finish()])


def heard(wanted: OutputFormat, data: bytes) -> np.ndarray:
    """Samples between -1 and 1 at the format's rate, as another program hears them."""
    raw = wanted.container == "raw" and wanted.encoding in DEMUXERS
    options = {"sample_rate": str(wanted.sample_rate)} if raw else {}
    demuxer = DEMUXERS[wanted.encoding] if raw else None
    with av.open(io.BytesIO(data), "r", format=demuxer, options=options) as container:
        assert container.streams.audio[0].rate == wanted.sample_rate
        resampler = av.AudioResampler(format="flt", layout="mono")
        frames = [out for frame in container.decode(audio=0) for out in resampler.resample(frame)]
    return np.concatenate([frame.to_ndarray()[0] for frame in frames])


@each
def test_it_is_the_same_sound_at_another_rate(wanted: OutputFormat) -> None:
    sound = heard(wanted, encoded(wanted, cut(tone(SAMPLE_RATE), 1918)))
    padding = 3 * 1152 if wanted in LOSSY else 2
    assert -2 <= len(sound) - wanted.sample_rate <= padding
    middle = sound[len(sound) // 4 : len(sound) // 4 + wanted.sample_rate // 2]
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle))))
    assert abs(int(spectrum.argmax()) * 2 - 440) <= 2
    assert np.sqrt(np.mean(middle**2)) == pytest.approx(8000 / 2**15 / np.sqrt(2), rel=0.06)


@each
def test_sound_goes_on_leaving_with_every_tenth_of_a_second(wanted: OutputFormat) -> None:
    output = Output(wanted)
    given = [len(output.encode(piece)) for piece in cut(tone(SAMPLE_RATE), TENTH)]
    assert min(given) > 0


@pytest.mark.parametrize("wanted", RAW + WAV + LOSSY[:-1], ids=named)  # Ogg has random serials
def test_how_the_sound_is_cut_makes_no_difference(wanted: OutputFormat) -> None:
    pcm = tone(7001)
    assert encoded(wanted, cut(pcm, 962)) == encoded(wanted, [pcm])


def test_samples_as_the_engines_make_them_pass_as_they_are() -> None:
    assert encoded(OutputFormat("s16le"), cut(tone(999), 100)) == tone(999)


@each
def test_no_sound_at_all_can_be_ended(wanted: OutputFormat) -> None:
    output = Output(wanted)
    output.finish()
    with pytest.raises(ValueError, match="none after the end"):
        output.encode(b"")


def test_half_a_sample_is_refused() -> None:
    with pytest.raises(ValueError, match="Whole samples"):
        Output(OutputFormat("s16le", 8_000)).encode(b"\0")


@pytest.mark.parametrize(
    ("particulars", "why"),
    [
        ({"encoding": "s16le", "sample_rate": 11_025}, "8000, 16000"),
        ({"encoding": "opus", "sample_rate": 24_000}, "48000"),
        ({"encoding": "mp3", "sample_rate": 44_100, "container": "wav"}, "does not go into"),
    ],
)
def test_what_cannot_be_made_is_refused_by_name(particulars: dict[str, object], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        OutputFormat(**particulars)  # type: ignore[arg-type]


def test_each_format_says_its_media_type() -> None:
    kinds = {
        named(wanted): wanted.media_type
        for wanted in [RAW[0], WAV[0], *LOSSY[1:], RAW[-2], RAW[-1]]
    }
    assert list(kinds.values()) == [
        *("audio/pcm", "audio/wav", "audio/mpeg", "audio/ogg", "audio/basic", "audio/pcm"),
    ]
