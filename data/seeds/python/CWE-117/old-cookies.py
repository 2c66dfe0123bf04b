import logging

from django.http import HttpResponse
from django.urls import path
from django.views import View

logger = logging.getLogger(__name__)


class ClearOldCookies(View):
    OLD_NAMES = ("basket_v1", "visitor", "promo")

    def get(self, request):
        response = HttpResponse(status=204)
        for name in self.OLD_NAMES:
            value = request.COOKIES.get(name)
            if value:
                logger.warning("old cookie %s=%s is still in use", name, value)
                response.delete_cookie(name)
        return response


urlpatterns = [path("cookies/clear", ClearOldCookies.as_view())]
