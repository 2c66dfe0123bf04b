import logging

logger = logging.getLogger(__name__)


class OldCookieMiddleware:
    OLD_NAMES = ("basket_v1", "visitor", "promo")

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        for name in self.OLD_NAMES:
            value = request.COOKIES.get(name)
            if value:
                logger.warning("old cookie %s=%s is still in use", name, value)
                response.delete_cookie(name)
        return response
