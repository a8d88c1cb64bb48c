"""What is wrong: one file a finding."""
