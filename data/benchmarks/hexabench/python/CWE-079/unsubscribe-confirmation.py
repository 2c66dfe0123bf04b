from django.http import HttpResponse

from newsletter.models import Subscriber


def unsubscribe(request):
    """Link in the footer of each mail: /unsubscribe?email=someone@host"""
    email = request.GET.get("email", "")
    Subscriber.objects.filter(email=email).update(active=False)

    # a paragraph that says which address was taken off the list,
    # and a link back to the home page
