STUDENT_DISCOUNT = 0.4


class PricePolicy:
    def __init__(self, base_price):
        self.base_price = base_price

    def price_for(self, address):
        _, _, domain = address.lower().rpartition("@")
        if domain.endswith("nordvik.edu"):
            return round(self.base_price * (1 - STUDENT_DISCOUNT), 2)
        return self.base_price


def quote(addresses, base_price=20.0):
    policy = PricePolicy(base_price)
    return {address: policy.price_for(address) for address in addresses}
