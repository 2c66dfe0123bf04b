import re

MIRRORS = [
    ("eu", re.compile(r"//eu.mirror.pkgstore.org/")),
    ("us", re.compile(r"//us.mirror.pkgstore.org/")),
]


def mirror_of(url):
    for region, pattern in MIRRORS:
        if pattern.search(url):
            return region
    return None


def count_by_region(urls):
    counts = {}
    for url in urls:
        region = mirror_of(url) or "elsewhere"
        counts[region] = counts.get(region, 0) + 1
    return counts


if __name__ == "__main__":
    print(count_by_region(["https://eu.mirror.pkgstore.org/a.tar.gz"]))
