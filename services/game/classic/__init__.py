"""The 3×3 game: solved whole, every answer looked up."""
