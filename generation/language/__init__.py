"""Models of language behind OpenAI-compatible servers: which there are, what each can do, what it costs, and one careful way to ask."""
