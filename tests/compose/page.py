"""Open the page of a stack that has just started."""

from playwright.sync_api import Error, Page, Request

#: Chromium ends all its requests when this machine gets or loses a network, and Docker has just made some.
NETWORK_CHANGED = "net::ERR_NETWORK_CHANGED"
TRIES = 5


def open_page(page: Page, address: str) -> None:
    """Go to `address`, and again as long as requests are ended because a network of this machine has changed."""
    ended: list[str] = []

    def note(request: Request) -> None:
        if request.failure == NETWORK_CHANGED:
            ended.append(request.url)

    page.on("requestfailed", note)
    for number in range(1, TRIES + 1):
        ended.clear()
        try:
            page.goto(address)
        except Error as error:
            # The request for the page itself was ended.
            if NETWORK_CHANGED not in str(error) or number == TRIES:
                raise
        else:
            if not ended:
                break
    page.remove_listener("requestfailed", note)
