"""What the graph editor is told by the server: what a world has to choose from, a draft in plain words with its problems, what others changed."""
