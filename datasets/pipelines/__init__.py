"""What workers do: run the engine, save what it found, tell how far they are."""
