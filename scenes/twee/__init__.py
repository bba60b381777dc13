"""Stories of Twine and its relatives in Twee 3.0.2 notation. Pure but for `services`."""
