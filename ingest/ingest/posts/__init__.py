"""What a post is, its hashtags, and which posts are wanted."""
