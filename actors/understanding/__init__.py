"""What a turn meant, as far as its words and its conversation tell: read once, then recorded."""
