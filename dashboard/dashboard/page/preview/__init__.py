"""What other platforms show of a link to the page."""
