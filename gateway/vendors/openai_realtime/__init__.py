"""OpenAI's realtime protocol: a client's items are turns, its responses are spoken."""

from gateway.vendors.openai_realtime.route import router

__all__ = ["router"]
