"""Keep: the folder that studies are written to."""
