"""The hotspot editor: the objects of a place with what each of them does."""
