"""The live connection: words in as they are written, sound out as it is spoken (docs/live.md)."""
