"""The project's own paint box: noise, strokes, masks, colours. NumPy and Pillow only, deterministic by seed."""
