"""Who may call, for what, how often, and which conversations they see."""
