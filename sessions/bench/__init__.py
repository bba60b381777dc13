"""What PixSim costs beside the least Django could do: `make bench`. Timings never decide a test; query counts do (`tests/sessions`)."""
