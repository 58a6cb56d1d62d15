"""The 3×3 game: fully solved, so every answer is a look-up."""
