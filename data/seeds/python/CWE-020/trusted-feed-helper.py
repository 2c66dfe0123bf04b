import time
import urllib.request


def is_internal(url):
    return url.startswith("http://feeds.newsdesk.net") or url.startswith(
        "https://feeds.newsdesk.net"
    )


def fetch_feed(url, retries=3):
    """Download a feed; outside feeds get a shorter timeout."""
    timeout = 30 if is_internal(url) else 5
    for attempt in range(retries):
        try:
            with urllib.request.urlopen(url, timeout=timeout) as response:
                return response.read()
        except OSError:
            time.sleep(2**attempt)
    return None
