"""Two variants of a person or a branch, played by players drawn to them, and what became of it; and where players are lost on their way."""
