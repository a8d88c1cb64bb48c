"""Frames to Part 10: the only room below the doors that knows pydicom."""
