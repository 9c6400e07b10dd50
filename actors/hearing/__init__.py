"""What can be heard of a turn in its sound: told in numbers, once, and recorded."""
