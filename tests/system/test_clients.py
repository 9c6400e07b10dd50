"""The client that was published with the idea."""

import requests

from tests.system.serving import Server


def test_the_client_published_with_the_idea_runs_unchanged(server: Server) -> None:
    base, participants = server.url, ["ann", "ben"]
    text, speaker_id, voice = "Good morning, what would you like?", "ann", "af_bella"
    # fmt: off
    r = requests.post(f"{base}/v1/conversation/start", json={"participants": participants})  # noqa: S113
    cid = r.json()["conversation_id"]
    r = requests.post(f"{base}/v1/conversation/{cid}/speak",  # noqa: S113
                      json={"text": text, "speaker_id": speaker_id, "voice": voice},
                      headers={"X-Speaker-ID": speaker_id, "X-Conversation-ID": cid})
    audio = r.content
    # fmt: on
    assert r.headers["Content-Type"] == "audio/mpeg"
    assert len(audio) > 5_000
    assert r.headers["X-Conversation-Turn"] == "1"
