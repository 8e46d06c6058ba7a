"""What `up` and the demo profile of compose begin with."""
