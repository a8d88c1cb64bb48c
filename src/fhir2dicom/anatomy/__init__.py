"""The patient in millimetres: warped label atlases, one file a region."""
