"""Why a line sounded so, from the whole system."""

from typer.testing import CliRunner

from gateway.cli import app
from gateway.client import Colloquy
from tests.system.serving import Server

LINE = "I have found your booking, for two people, at eight."


def test_a_turn_is_explained_with_what_came_before_it(server: Server) -> None:
    with Colloquy(server.url) as colloquy:
        talk = colloquy.start([{"id": "ann", "intensity": 0.9}, {"id": "bob", "role": "human"}])
        talk.speak("Good evening. What can I do for you?", "ann").read()
        talk.listen("My father died on Monday. I am so sad, I feel lost and alone.", "bob")
        talk.speak(LINE, "ann", turn_id="booking").read()
        context = talk.context("bob")
    assert (context.partner_id, context.temporal["turn"]) == ("ann", 4)
    for name in ("booking", "3"):
        options = [talk.id, name, "--server", server.url]
        told = CliRunner().invoke(app, ["explain", *options], env={"COLUMNS": "160"})
        assert told.exit_code == 0, told.output
        assert f"Turn 3 of {talk.id}, spoken, completed. ann: {LINE}" in told.stdout
        assert "intensity 0.9" in told.stdout
        assert "answering sadness" in told.stdout
        assert "middle of the dialogue" in told.stdout
