"""Each number of the page by its name: the number itself, and how it was made."""
