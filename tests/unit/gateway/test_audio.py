import gc
import io
import wave
import weakref
from collections.abc import Iterable

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.engines.base import SAMPLE_RATE
from gateway.audio import FORMATS, AudioFormat, Encoder, whole_file

LOSSLESS = [FORMATS["flac"], FORMATS["wav"], FORMATS["pcm"]]
LOSSY = [FORMATS["mp3"], FORMATS["opus"], FORMATS["aac"]]
EVERY = LOSSLESS + LOSSY
TENTH = SAMPLE_RATE // 10 * 2  # bytes

each = pytest.mark.parametrize("audio_format", EVERY, ids=lambda known: known.name)
each_lossless = pytest.mark.parametrize("audio_format", LOSSLESS, ids=lambda known: known.name)
each_lossy = pytest.mark.parametrize("audio_format", LOSSY, ids=lambda known: known.name)


def speech(samples: int) -> bytes:
    """Not silence and not pure noise: something that a codec meets."""
    t = np.arange(samples) / SAMPLE_RATE
    hum = np.sin(2 * np.pi * 140 * t) * (1 + np.sin(2 * np.pi * 4 * t)) * 6000
    noise = np.random.default_rng(7).normal(0, 150, samples)
    return bytes((hum + noise).astype("<i2").tobytes())


def cut(pcm: bytes, size: int) -> Iterable[bytes]:
    return (pcm[start : start + size] for start in range(0, len(pcm), size))


def encoded(
    audio_format: AudioFormat, pieces: Iterable[bytes], total_samples: int | None = None
) -> bytes:
    encoder = Encoder(audio_format, total_samples)
    return b"".join([encoder.encode(piece) for piece in pieces] + [encoder.finish()])


def decoded(audio_format: AudioFormat, file: bytes) -> np.ndarray:
    """Samples at 24 kHz, as another program hears them."""
    raw = audio_format.name == "pcm"
    options = {"sample_rate": str(SAMPLE_RATE)} if raw else {}
    with av.open(
        io.BytesIO(file), "r", format="s16le" if raw else None, options=options
    ) as container:
        resampler = av.AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE)
        frames = [out for frame in container.decode(audio=0) for out in resampler.resample(frame)]
        frames += resampler.resample(None) if frames else []
    return np.concatenate([np.zeros(0, "<i2"), *(frame.to_ndarray()[0] for frame in frames)])


def test_there_are_the_formats_that_openai_names_with_true_media_types():
    assert {known.name: known.media_type for known in FORMATS.values()} == {
        "mp3": "audio/mpeg",
        "opus": "audio/ogg",
        "aac": "audio/aac",
        "flac": "audio/flac",
        "wav": "audio/wav",
        "pcm": "audio/pcm",
    }


@each_lossless
def test_a_lossless_format_gives_the_samples_back(audio_format):
    pcm = speech(SAMPLE_RATE + 333)
    assert decoded(audio_format, encoded(audio_format, cut(pcm, 1919))).tobytes() == pcm


@each_lossy
@pytest.mark.parametrize("samples", [1, 333, SAMPLE_RATE * 2 + 77])
def test_a_lossy_format_is_as_long_as_the_samples_but_for_its_padding(audio_format, samples):
    heard = decoded(audio_format, encoded(audio_format, cut(speech(samples), 1919)))
    assert -64 <= len(heard) - samples <= 3 * 1024


@each_lossy
def test_a_lossy_format_sounds_like_the_samples(audio_format):
    pcm = speech(SAMPLE_RATE * 2)
    heard = decoded(audio_format, encoded(audio_format, cut(pcm, 4800))).astype(float)
    meant = np.frombuffer(pcm, "<i2").astype(float)
    window = meant[10_000:30_000]
    likeness = max(
        np.corrcoef(window, heard[10_000 + shift : 30_000 + shift])[0, 1] for shift in range(1600)
    )
    assert likeness > 0.95


@each
def test_sound_leaves_after_the_first_tenth_of_a_second(audio_format):
    encoder = Encoder(audio_format)
    first = encoder.encode(speech(SAMPLE_RATE)[:TENTH])
    assert len(decoded(audio_format, first)) >= 480


@each
def test_sound_goes_on_leaving_with_every_tenth_of_a_second(audio_format):
    encoder = Encoder(audio_format)
    given_out = [len(encoder.encode(piece)) for piece in cut(speech(SAMPLE_RATE), TENTH)]
    assert min(given_out) > 0


@each
@pytest.mark.parametrize("total_samples", [None, 0])
def test_no_samples_at_all_are_a_valid_file(audio_format, total_samples):
    file = encoded(audio_format, [], total_samples)
    if audio_format.name != "pcm":  # FFmpeg finds no format in no bytes
        assert len(decoded(audio_format, file)) <= 3 * 1024
    else:
        assert file == b""


@each
@settings(max_examples=25)
@given(
    pcm=st.binary(max_size=6000),
    sizes=st.lists(st.integers(min_value=0, max_value=1500), min_size=1, max_size=6),
)
def test_it_does_not_matter_where_the_samples_are_cut(audio_format, pcm, sizes):
    whole = pcm[: len(pcm) // 2 * 2]
    pieces, rest = [], pcm
    for size in sizes:
        pieces.append(rest[:size])
        rest = rest[size:]
    file = encoded(audio_format, [*pieces, rest])
    if audio_format.name == "opus":  # every file of Ogg has a serial number of its own
        assert np.array_equal(
            decoded(audio_format, file), decoded(audio_format, encoded(audio_format, [whole]))
        )
    else:
        assert file == encoded(audio_format, [whole])


def test_half_a_sample_at_the_end_is_dropped():
    assert encoded(FORMATS["pcm"], [b"\x01\x02\x03"]) == b"\x01\x02"


def test_streamed_wav_opens_with_the_standard_library():
    pcm = speech(5001)
    with wave.open(io.BytesIO(encoded(FORMATS["wav"], cut(pcm, 999)))) as opened:
        assert (opened.getframerate(), opened.getnchannels(), opened.getsampwidth()) == (
            SAMPLE_RATE,
            1,
            2,
        )
        assert opened.readframes(opened.getnframes()) == pcm


@pytest.mark.parametrize("samples", [0, 1, 5001])
def test_wav_of_known_length_has_an_exact_header(samples):
    file = encoded(FORMATS["wav"], cut(speech(samples), 999), samples)
    with wave.open(io.BytesIO(file)) as opened:
        assert opened.getnframes() == samples
    assert int.from_bytes(file[4:8], "little") == len(file) - 8


def test_wav_longer_than_its_sizes_can_say_is_marked_as_endless():
    header = Encoder(FORMATS["wav"], 2**31).encode(b"")
    assert header[4:8] == header[40:44] == b"\xff\xff\xff\xff"


@pytest.mark.parametrize("name", ["flac", "wav"])
def test_a_file_of_known_length_says_how_long_it_is(name):
    samples = SAMPLE_RATE * 3
    file = encoded(FORMATS[name], cut(speech(samples), 4801), samples)
    with av.open(io.BytesIO(file), "r") as container:
        stream = container.streams.audio[0]
        assert stream.duration * stream.time_base == 3


@given(samples=st.integers(min_value=0, max_value=2**36 - 1))
@settings(max_examples=25)
def test_flac_has_room_for_the_length_and_nothing_beside_it_changes(samples):
    silence = bytes(4608)
    promised = Encoder(FORMATS["flac"], samples).encode(silence)
    silent = Encoder(FORMATS["flac"]).encode(silence)
    assert int.from_bytes(promised[21:26], "big") & 0xFFFFFFFFF == samples
    assert promised[:21] + promised[26:] == silent[:21] + silent[26:]
    assert promised[21] >> 4 == silent[21] >> 4


def test_a_header_that_promised_another_length_is_not_left_unsaid():
    encoder = Encoder(FORMATS["wav"], 10)
    encoder.encode(bytes(18))
    with pytest.raises(ValueError, match="10 samples were promised, 9 came"):
        encoder.finish()


def test_finished_audio_takes_nothing_more():
    encoder = Encoder(FORMATS["mp3"])
    encoder.finish()
    with pytest.raises(ValueError, match="takes no more"):
        encoder.encode(b"")
    with pytest.raises(ValueError, match="already finished"):
        encoder.finish()


def test_a_negative_length_is_refused():
    with pytest.raises(ValueError, match="-1 samples"):
        Encoder(FORMATS["wav"], -1)


@each
def test_an_encoder_may_be_abandoned_in_the_middle(audio_format):
    """The listener left: nothing may be printed, raised or kept (warnings are errors here)."""
    encoder = Encoder(audio_format)
    encoder.encode(speech(SAMPLE_RATE))
    kept = weakref.ref(encoder)
    del encoder
    gc.collect()
    assert kept() is None


@each
def test_the_same_samples_are_always_the_same_file(audio_format):
    pcm = speech(30_000)
    file = whole_file(audio_format, pcm)
    assert file == whole_file(audio_format, pcm)
    assert decoded(audio_format, file).size == pytest.approx(30_000, abs=3_000)


def test_two_opus_files_can_be_chained():
    files = [whole_file(FORMATS["opus"], speech(samples)) for samples in (4800, 9600)]
    assert len({file[14:18] for file in files}) == 2, "the serial numbers of the streams"
