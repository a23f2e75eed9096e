"""Media files: pictures, videos and sounds, opened by what they are."""
