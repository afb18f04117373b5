"""What comes in from and goes out to other tools: one file, or one folder, per format."""
