import re
from dataclasses import dataclass


@dataclass
class Voucher:
    code: str
    percent: int


class VoucherParser:
    CODE = re.compile(r"^([0-z]{4})-(\d{1,2})$")

    def __init__(self, limit=50):
        self.limit = limit

    def parse(self, text):
        found = self.CODE.match(text.strip())
        if not found:
            raise ValueError(f"not a voucher: {text!r}")
        percent = int(found.group(2))
        return Voucher(found.group(1), min(percent, self.limit))

    def parse_all(self, lines):
        return [self.parse(line) for line in lines if line.strip()]
