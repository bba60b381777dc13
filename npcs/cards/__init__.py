"""Character cards, as other tools write them: versions 1 to 3, as JSON or inside a PNG. Pure but for `services`."""
