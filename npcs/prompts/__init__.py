"""Prompts: what a model is told, in sections that name their sources."""
