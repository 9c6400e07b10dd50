"""Protocols of other servers, each in a module of its own, as the same conversations and turns."""
