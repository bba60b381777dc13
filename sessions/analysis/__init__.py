"""What can happen in a world: pure questions to its rules and to `step`, never a second set of rules."""
